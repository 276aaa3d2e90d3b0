// All views: their structure as a screen reader meets it, in light, dark and narrow; that texts can be read; that
// nothing is asked for.
"use strict";
const assert = require("assert/strict");
const {spawnSync} = require("child_process");
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
        for (const [label, value] of [
            ["Clients", "1"],
            ["Trainers", "1"],
            ["Retries of a client", "0"],
            ["Incarnations", "1"],
        ]) {
            await page.locator("#check-form").getByLabel(label, {exact: true}).fill(value);
        }
        await page
            .locator("#check-form")
            .getByRole("combobox", {name: "Seeded bug"})
            .selectOption("conflict-forgets-lost-answer");
        await page.getByRole("button", {name: "Check", exact: true}).click();
        await page.getByRole("button", {name: "Open in Play"}).waitFor({timeout: 60000});
        await page
            .locator("#check-counts dt", {hasText: "time"})
            .evaluate((time) => (time.nextSibling.textContent = "some time"));
    },
    read: async (page) => page.locator("#table button[tabindex='0']").focus(),
    history: async (page) => {
        await page.getByRole("button", {name: "Example"}).click();
        await page.getByRole("heading", {name: "r/a: not linearizable"}).waitFor();
    },
};

// The least contrast of a text with what is behind it, as WCAG 2 defines it. Runs in the page.
function least_contrast() {
    const channels = (colour) => /rgba?\(([^)]*)\)/.exec(colour)[1].split(",").map(Number);
    const luminance = (colour) => {
        const [red, green, blue] = channels(colour)
            .map((value) => value / 255)
            .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
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
    const texts = [...document.querySelectorAll("body *:not(script, svg *)")].filter(
        (node) =>
            node.checkVisibility() &&
            !node.matches(":disabled") &&
            [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim() !== ""),
    );
    const found = texts.map((node) => {
        const [light, dark] = [luminance(getComputedStyle(node).color), luminance(ground(node))].sort((a, b) => b - a);
        return {contrast: (light + 0.05) / (dark + 0.05), text: node.textContent.trim().slice(0, 40)};
    });
    return found.reduce((least, one) => (one.contrast < least.contrast ? one : least));
}

// In each variant a view has the structure that is kept, fits the width, and can be read.
async function looks_right(view, {open, keep}) {
    const file = path.join(__dirname, "kept", view + ".yml");
    for (const variant of Object.keys(variants)) {
        const page = await open({fragment: view, variant});
        await views[view](page);
        const structure = (await page.locator("body").ariaSnapshot()) + "\n";
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

// Each finds a violation, and says which trace to it is opened.
const commands = [
    [["check", "--trainers", "1", "--retries", "0", "--bug", "conflict-forgets-lost-answer"], "a shortest trace"],
    [["simulate", "--bug", "lost-update", "--shrink"], "a short trace"],
];

// Runs a command that finds a violation, and so exits with 1.
function written_by(program, command, copy) {
    const {status, stdout} = spawnSync(program, [...command, "--html", copy], {encoding: "utf8"});
    assert.equal(status, 1, command.join(" ") + ": " + stdout);
    return /violat(?:ion of|es) ([a-z-]+)/.exec(stdout)[1];
}

// The note on what is embedded stays beside that situation, undone or opened again, and beside no other one.
async function note_is_of_the_situation(page, open, file) {
    const note = page.locator("#origin");
    const text = await note.textContent();
    await page.getByRole("button", {name: "Undo", exact: true}).click();
    await page.getByText(/^Step (\d+) of (?!\1$)\d+$/).waitFor();
    assert.equal(await note.isVisible(), true, "the note is gone after an undo");
    const again = await open({file, fragment: page.url().split("#")[1]});
    assert.equal(await again.locator("#origin").textContent(), text, "the note is gone after the page is opened again");
    await page.getByRole("link", {name: "a zombie"}).click();
    await page.getByText("Step 11 of 11", {exact: true}).waitFor();
    assert.equal(await note.isVisible(), false, "the note stays beside something else");
    const wrong = await open({file, fragment: "play=/client7.stop"});
    assert.match(await wrong.getByRole("status").textContent(), /^This is no situation: /);
    assert.equal(await wrong.locator("#origin").textContent(), text, "what is embedded is not opened in place of it");
}

// What the program writes into a page opens in the page that is tested.
async function trace_of_program_is_opened({open, file, program}) {
    for (const [command, trace] of commands) {
        const copy = written("");
        try {
            const violated = written_by(program, command, copy);
            const [, opened] = /(<script type="application\/json" id="opened">[^]*?<\/script>)/.exec(
                fs.readFileSync(copy, "utf8"),
            );
            fs.writeFileSync(
                copy,
                fs
                    .readFileSync(file, "utf8")
                    .replace(/<script type="application\/json" id="opened"><\/script>/, () => opened),
            );
            const page = await open({file: copy});
            assert.match(
                await page.locator("#origin").textContent(),
                new RegExp(`^tjob ${command[0]}.* violates ${violated}: .*\\. This is ${trace}; Undo goes back\\.$`),
            );
            const row = page.getByRole("row", {name: new RegExp("^" + violated)});
            assert.match(await row.textContent(), /violated at step \d+/, "Play does not see the violation");
            await note_is_of_the_situation(page, open, copy);
        } finally {
            fs.rmSync(path.dirname(copy), {recursive: true});
        }
    }
}

// A failure is said until an action succeeds; where there is no worker, everything that waits for one fails.
async function failures_are_said({open}) {
    const page = await open();
    const failure = page.locator("#failure");
    try {
        await page.evaluate(() => in_turn(() => Promise.reject(new Error("no reason")))());
        assert.equal(await failure.textContent(), "This failed: no reason");
        await page.getByRole("button", {name: "Undo", exact: true}).click();
        await failure.waitFor({state: "hidden"});
        const said = await page.evaluate(async () => {
            const source = Engine.source;
            Engine.source = URL.createObjectURL(new Blob(["throw new Error('no engine');"]));
            const broken = new Engine();
            Engine.source = source;
            const late = new Promise((resolve) => setTimeout(resolve, 2000, "still waiting"));
            const message = (promise) => promise.then(String, (error) => error.message);
            const first = await Promise.race([message(broken.call("read", "")), late]);
            return [first, await Promise.race([message(broken.call("read", "")), late])];
        });
        assert.match(said.join("; "), /^(the engine cannot be started: .*no engine(; )?){2}$/, "who waits is not told");
        for (let waits = 0; waits < 100 && !page.faults.some((fault) => fault.includes("no engine")); waits++) {
            await page.waitForTimeout(50); // the browser says it, too
        }
    } finally {
        page.faults.splice(0);
    }
}

async function nothing_is_asked_for({open}) {
    const page = await open();
    for (const tab of ["Check", "Read", "History", "Play"]) {
        await page.getByRole("tab", {name: tab}).click();
        await page.getByRole("tabpanel", {name: tab}).waitFor();
    }
    // The policy forbids what a script might try, and Chromium says so.
    const tried = await open();
    const refused = await tried
        .evaluate(async () => {
            const directives = [];
            addEventListener("securitypolicyviolation", (event) => directives.push(event.effectiveDirective));
            await fetch("http://127.0.0.1:9/").catch(() => {});
            await new Promise(
                (resolve) =>
                    (Object.assign(new Image(), {onload: resolve, onerror: resolve}).src = "http://127.0.0.1:9/x.png"),
            );
            document.head.append(Object.assign(document.createElement("style"), {textContent: "body { color: red }"}));
            document.head.append(
                Object.assign(document.createElement("script"), {textContent: "document.title = 'run'"}),
            );
            document.body.setAttribute("onclick", "document.title = 'run'");
            document.body.click();
            await new Promise((resolve) => setTimeout(resolve, 100));
            return [...directives.sort(), document.title];
        })
        .finally(() => tried.faults.splice(0));
    assert.deepEqual(
        refused,
        [
            "connect-src",
            "img-src",
            "script-src-attr",
            "script-src-elem",
            "style-src-elem",
            "tjob: the lifecycle in a browser",
        ],
        "the policy lets something through",
    );
}

module.exports = {
    looks_play: {
        run: (tools) => looks_right("play", tools),
        falsehoods: [
            [
                '<h3 id="wire-title">Answers on the wire</h3>',
                '<p id="wire-title">Answers on the wire</p>',
                /the structure is not that/,
            ],
            [".actors .wide { grid-column: 1 / -1 }", ".actors { width: 500px }", /narrow: \d+ pixels too wide/],
            ["--note: #59636e;", "--note: #8a949e;", /light: the contrast is/],
            ["--note: #9198a1;", "--note: #5a636e;", /dark: the contrast is/],
        ],
    },
    looks_check: {
        run: (tools) => looks_right("check", tools),
        falsehoods: [
            [
                '<form id="check-form" class="form" aria-label="Parameters">',
                '<form id="check-form" class="form">',
                /the structure is not that/,
            ],
        ],
    },
    looks_read: {
        run: (tools) => looks_right("read", tools),
        falsehoods: [['made.setAttribute("role", "grid");', "", /the structure is not that/]],
    },
    looks_history: {
        run: (tools) => looks_right("history", tools),
        falsehoods: [['<label for="log">Log</label>', "<b>Log</b>", /the structure is not that/]],
    },
    html: {
        run: trace_of_program_is_opened,
        falsehoods: [
            ["[embedded.situation, training]", "[training]", /did not match/],
            [" === embedded.situation;", ".length > 0;", /beside something else/],
            ["text_of(situation.steps.length) === embedded", "text_of(situation.played) === embedded", /after an undo/],
            [
                'return text === "" ? null',
                'return text === "" || location.hash !== "" ? null',
                /after the page is opened again/,
            ],
        ],
    },
    failures: {
        run: failures_are_said,
        falsehoods: [
            [".then(forget_failure, (error)", ".then(() => {}, (error)", /hidden/],
            ["({reject}) => reject(this.#failure)", "() => {}", /who waits is not told/],
        ],
    },
    silence: {
        run: nothing_is_asked_for,
        falsehoods: [
            ["async function start() {", 'async function start() {\n    console.log("here");', /console: here/],
            [
                "async function start() {",
                'async function start() {\n    new Image().src = "http://127.0.0.1:9/x.png";',
                /127.0.0.1:9/,
            ],
            ["default-src 'none'; ", "default-src 'none'; connect-src *; ", /lets something through/],
            ['    performance.mark("ready");', "    nothing.at.all;", /the page says that it failed/],
        ],
    },
};
