// Runs a case on the page in a real browser, or shows that it can fail.
//
//   node run.js CASE PAGE PROGRAM PACKAGES [false | keep]
//
// PAGE: tjob.html; PROGRAM: the program tjob; PACKAGES: the folder that prepare.sh made. `false`: the case runs on copies
// of the page that are falsified, and each must fail with its words. `keep`: the file that the case compares with is
// written.
"use strict";
const assert = require("assert/strict");
const fs = require("fs");
const path = require("path");
const {falsified, launch, open} = require("./browser.js");

const cases = {
    ...require("./play.js"),
    ...require("./check.js"),
    ...require("./read.js"),
    ...require("./history.js"),
    ...require("./all.js"),
};

// How long, in ms, a page may take to do what it should; what is falsified never does.
const patience = {right: 60000, falsified: 4000};

async function run_on(browser, test, file, program, patience, keep = false) {
    const opened = [];
    const tools = {
        file,
        program,
        keep,
        open: async (options) => {
            opened.push(await open(browser, options?.file ?? file, {...options, patience}));
            return opened.at(-1).page;
        },
    };
    try {
        await test.run(tools);
        for (const {page} of opened) {
            assert.equal(await page.locator("#failure").textContent(), "", "the page says that it failed");
        }
        assert.deepEqual(
            opened.flatMap(({faults}) => faults),
            [],
            "the page says or asks for what it must not",
        );
    } finally {
        await Promise.all(opened.map(({close}) => close()));
    }
}

async function is_seen(browser, test, file, program, [from, to, words]) {
    const copy = falsified(file, from, to);
    try {
        await run_on(browser, test, copy, program, patience.falsified);
    } catch (error) {
        assert.match(error.message, words, "instead of " + words + ": " + error.message);
        return;
    } finally {
        fs.rmSync(path.dirname(copy), {recursive: true});
    }
    throw new Error("nobody sees: " + to);
}

async function main(name, file, program, packages, mode) {
    const test = cases[name];
    const browser = await launch(packages);
    try {
        if (mode === "false") {
            for (const falsehood of test.falsehoods) {
                await is_seen(browser, test, path.resolve(file), program, falsehood);
            }
        } else {
            await run_on(browser, test, path.resolve(file), program, patience.right, mode === "keep");
        }
    } finally {
        await browser.close();
    }
}

main(...process.argv.slice(2)).catch((error) => {
    console.error("FAILED: " + error.message);
    process.exit(1);
});
