// The page in Chromium beside the program, in turns: how long the default model takes in each, and how long the page
// takes until it is ready for input. Medians are compared.
//
//   node page.js BUILD PACKAGES [ROUNDS]
//
// BUILD: a folder of a Release build with TJOB_PAGE; PACKAGES: the folder that tests/page/prepare.sh made; ROUNDS: 3
"use strict";
const path = require("path");
const {execFileSync} = require("child_process");
const {launch, open} = require("../page/browser.js");

const [build, packages, rounds = "3"] = process.argv.slice(2);
const file = path.resolve(build, "src/page/tjob.html");
const program = path.resolve(build, "src/cli/tjob");
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

// Both measure the search alone, without the start of the program and without the drawing of its results.
async function seconds_in_page(browser) {
    const {page, close} = await open(browser, file, {patience: 600000});
    const ready = await page.evaluate(() => performance.getEntriesByName("ready")[0].startTime / 1000);
    const search = await page.evaluate(async () => {
        const own = new Engine();
        await own.ready;
        const began = performance.now();
        const {states} = await own.call("check", "");
        return {seconds: (performance.now() - began) / 1000, states};
    });
    await close();
    return {ready, ...search};
}

function seconds_of_program() {
    const {seconds, states} = JSON.parse(
        execFileSync(program, ["check", "--threads", "1", "--format", "json"], {encoding: "utf8"}),
    );
    return {seconds, states};
}

async function main() {
    const browser = await launch(packages);
    const pages = [];
    const programs = [];
    for (let round = 0; round < Number(rounds); round++) {
        programs.push(seconds_of_program());
        pages.push(await seconds_in_page(browser));
    }
    await browser.close();
    const [in_page, in_program] = [
        median(pages.map(({seconds}) => seconds)),
        median(programs.map(({seconds}) => seconds)),
    ];
    console.log(`ready for input: ${median(pages.map(({ready}) => ready)).toFixed(2)} s`);
    console.log(
        `${pages[0].states} states in the page: ${in_page.toFixed(2)} s; ${programs[0].states} by the program: ` +
            `${in_program.toFixed(2)} s; ratio ${(in_page / in_program).toFixed(2)}`,
    );
}

main();
