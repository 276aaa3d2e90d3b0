// All views: their structure as a reader of screens meets it, in light, dark and narrow; that texts can be read; that nothing
// is asked for.
"use strict";
const assert = require("assert/strict");
const fs = require("fs");
const path = require("path");
const {variants, written} = require("./browser.js");

// How each view comes to what is compared.
const views = {
    play: async (page) => {
        await page.getByRole("link", {name: "the race of a stop and a completion"}).click();
        await page.getByText("Step 17 of 17", {exact: true}).waitFor();
        await page.getByText("Setup").click();
    },
    check: async (page) => {
        for (const [label, value] of [["Clients", "1"], ["Trainers", "1"], ["Retries of a client", "0"], ["Incarnations", "1"]]) {
            await page.locator("#check-form").getByLabel(label, {exact: true}).fill(value);
        }
        await page.locator("#check-form").getByRole("combobox", {name: "Seeded bug"}).selectOption("conflict-forgets-lost-answer");
        await page.getByRole("button", {name: "Check", exact: true}).click();
        await page.getByRole("button", {name: "Open in Play"}).waitFor({timeout: 60000});
        await page.locator("#check-counts dt", {hasText: "time"}).evaluate((time) => time.nextSibling.textContent = "some time");
    },
    read: async (page) => page.locator("#table button[tabindex='0']").focus(),
    judge: async (page) => {
        await page.getByRole("button", {name: "Example"}).click();
        await page.getByRole("heading", {name: "r/a: not linearizable"}).waitFor();
    },
};

// The least contrast of a text with what is behind it, as WCAG 2 defines it. Runs in the page.
function least_contrast() {
    const channels = (colour) => /rgba?\(([^)]*)\)/.exec(colour)[1].split(",").map(Number);
    const luminance = (colour) => {
        const [red, green, blue] = channels(colour).map((value) => value / 255)
            .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const ground = (node) => {
        for (; node !== null; node = node.parentElement) {
            const colour = getComputedStyle(node).backgroundColor;
            if ((channels(colour)[3] ?? 1) === 1) {
                return colour;
            }
        }
        return "rgb(255, 255, 255)";
    };
    const texts = [...document.querySelectorAll("body *:not(script, svg *)")].filter((node) => node.checkVisibility() && !node.matches(":disabled") &&
        [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim() !== ""));
    const found = texts.map((node) => {
        const [light, dark] = [luminance(getComputedStyle(node).color), luminance(ground(node))].sort((a, b) => b - a);
        return {contrast: (light + 0.05) / (dark + 0.05), text: node.textContent.trim().slice(0, 40)};
    });
    return found.reduce((least, one) => one.contrast < least.contrast ? one : least);
}

// In each variant a view has the structure that is kept, fits the width, and can be read.
async function looks_right(view, {open, keep}) {
    const file = path.join(__dirname, "kept", view + ".yml");
    for (const variant of Object.keys(variants)) {
        const page = await open({fragment: view, variant});
        await views[view](page);
        const structure = await page.locator("body").ariaSnapshot() + "\n";
        if (keep) {
            fs.writeFileSync(file, structure);
        }
        assert.equal(structure, fs.readFileSync(file, "utf8"), variant + ": the structure is not that of " + file);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, variant + ": " + wider + " pixels too wide");
        const {contrast, text} = await page.evaluate(least_contrast);
        assert.ok(contrast >= 4.5, variant + ": the contrast is " + contrast.toFixed(2) + " of: " + text);
    }
}

// A counterexample that the program put into the page is opened.
async function embedded_is_opened({open, file}) {
    const html = fs.readFileSync(file, "utf8");
    const opened = {command: "tjob check --bug x", violated: "some-property", sentence: "a < b & c", situation: "clients=1&trainers=1/host1.submit/host1.loaded"};
    const text = JSON.stringify(opened).replaceAll("<", "\\u003c");
    const copy = written(html.replace("id=\"opened\"></script>", () => "id=\"opened\">" + text + "</script>"));
    try {
        const page = await open({file: copy});
        await page.getByText("Step 2 of 2", {exact: true}).waitFor();
        assert.match(await page.locator("#origin").textContent(), /^tjob check --bug x violates some-property: a < b & c\./);
    } finally {
        fs.rmSync(path.dirname(copy), {recursive: true});
    }
}

async function nothing_is_asked_for({open}) {
    const page = await open();
    for (const tab of ["Check", "Read", "Judge", "Play"]) {
        await page.getByRole("tab", {name: tab}).click();
        await page.getByRole("tabpanel", {name: tab}).waitFor();
    }
    // The policy forbids what a script might try, and Chromium says so.
    const tried = await open();
    const refused = await tried.evaluate(async () => {
        const got = await Promise.all(["http://127.0.0.1:9/", location.href].map((url) => fetch(url).then(() => "got", () => "refused")));
        const style = document.createElement("style");
        style.textContent = "body { color: red }";
        document.head.append(style);
        document.body.setAttribute("onclick", "document.title = 'run'");
        document.body.click();
        return [...got, getComputedStyle(document.body).color === "rgb(255, 0, 0)", document.title];
    }).finally(() => tried.faults.splice(0));
    assert.deepEqual(refused, ["refused", "refused", false, "tjob: the lifecycle in a browser"], "the policy lets something through");
}

module.exports = {
    looks_play: {
        run: (tools) => looks_right("play", tools),
        falsehoods: [
            ["<h3 id=\"wire-title\">Answers on the wire</h3>", "<p id=\"wire-title\">Answers on the wire</p>", /the structure is not that/],
            [".actors .wide { grid-column: 1 / -1 }", ".actors { width: 500px }", /narrow: \d+ pixels too wide/],
            ["--note: #59636e;", "--note: #8a949e;", /light: the contrast is/],
            ["--note: #9198a1;", "--note: #5a636e;", /dark: the contrast is/],
        ],
    },
    looks_check: {
        run: (tools) => looks_right("check", tools),
        falsehoods: [["<progress id=\"check-progress\" aria-label=\"The search\" hidden>", "<progress id=\"check-progress\" aria-label=\"The search\" class=\"shown\">", /the structure is not that/]],
    },
    looks_read: {
        run: (tools) => looks_right("read", tools),
        falsehoods: [["made.setAttribute(\"role\", \"grid\");", "", /the structure is not that/]],
    },
    looks_judge: {
        run: (tools) => looks_right("judge", tools),
        falsehoods: [["<label for=\"log\">Log</label>", "<b>Log</b>", /the structure is not that/]],
    },
    embedded: {run: embedded_is_opened, falsehoods: [["!await open_embedded()", "true", /./]]},
    silence: {
        run: nothing_is_asked_for,
        falsehoods: [
            ["async function start() {", "async function start() {\n    console.log(\"here\");", /console: here/],
            ["async function start() {", "async function start() {\n    new Image().src = \"http://127.0.0.1:9/x.png\";", /127.0.0.1:9/],
            ["default-src 'none'; ", "default-src 'none'; connect-src *; ", /lets something through|request/],
            ["    performance.mark(\"ready\");", "    nothing.at.all;", /nothing is not defined|This failed/],
        ],
    },
};
