// A page in Chromium, and everything that it must not do: say an error, fail, or ask for something.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const os = require("os");
const path = require("path");

const skipped = 77;

// Skips the test, with a word, where a package is missing.
function missing(what) {
    console.log("SKIPPED: " + what + " is missing");
    process.exit(skipped);
}

function driver_in(folder) {
    try {
        return require(path.join(folder, "node_modules", "playwright-core")).chromium;
    } catch {
        return missing("playwright-core of npm");
    }
}

function chromium_of_system() {
    const names = (process.env.PATH ?? "")
        .split(":")
        .flatMap((folder) => ["chromium", "chromium-browser"].map((name) => path.join(folder, name)));
    return names.find((name) => fs.existsSync(name)) ?? missing("Chromium");
}

async function launch(folder) {
    const chromium = driver_in(folder);
    return chromium.launch({executablePath: chromium_of_system(), args: ["--no-sandbox"]});
}

const variants = {
    light: {colorScheme: "light", viewport: {width: 1280, height: 900}},
    dark: {colorScheme: "dark", viewport: {width: 1280, height: 900}},
    narrow: {colorScheme: "light", viewport: {width: 390, height: 844}},
};

// Opens a file of a page in a variant. What it says or asks for that it must not is in `faults`.
async function open(browser, file, {fragment = "", variant = "light", patience}) {
    const context = await browser.newContext({
        ...variants[variant],
        permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(patience);
    context.setDefaultNavigationTimeout(60000);
    const page = await context.newPage();
    const faults = [];
    page.on("console", (message) => faults.push("console: " + message.text()));
    page.on("pageerror", (error) => faults.push("error: " + error.message));
    context.on("request", (request) => {
        if (request.url() !== "file://" + file && !/^(blob|data):/.test(request.url())) {
            faults.push("request: " + request.url());
        }
    });
    page.faults = faults;
    await page.goto("file://" + file + (fragment === "" ? "" : "#" + fragment));
    await page.waitForSelector("html[data-ready]", {timeout: 60000});
    return {page, faults, close: () => context.close()};
}

const base64_of = (text) => crypto.createHash("sha256").update(text).digest("base64");

// A copy of a page in which a text is another one. Its policy names the hashes of style and script as they then are.
function falsified(file, from, to) {
    let html = fs.readFileSync(file, "utf8");
    if (html.split(from).length !== 2) {
        throw new Error("the page does not have once: " + from);
    }
    html = html.replace(from, () => to);
    for (const tag of ["style", "script"]) {
        const [, text] = new RegExp(`<${tag}>([^]*)</${tag}>`).exec(html);
        html = html.replace(new RegExp(`${tag}-src 'sha256-[^']*'`), `${tag}-src 'sha256-${base64_of(text)}'`);
    }
    return written(html);
}

// A page in a folder of its own.
function written(html) {
    const copy = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "page-")), "tjob.html");
    fs.writeFileSync(copy, html);
    return copy;
}

module.exports = {falsified, launch, open, variants, written};
