// Check: the counts of the program, counterexamples that open and step, and an end at any time.
"use strict";
const assert = require("assert/strict");
const {execFileSync} = require("child_process");

const field = (page, name) => page.getByRole("form", {name: "Parameters"}).getByLabel(name, {exact: true});
const seeded_bug = (page) => page.getByRole("form", {name: "Parameters"}).getByRole("combobox", {name: "Seeded bug"});
const press = (page, name) => page.getByRole("button", {name, exact: true}).click();
const minutes = 10 * 60 * 1000;

async function result_of(page) {
    await press(page, "Check");
    const status = page.getByRole("status").filter({hasText: /^(Search|Not checked): /});
    await status.waitFor({timeout: minutes});
    assert.match(await status.textContent(), /^Search: /);
    const counts = await page
        .locator("#check-counts > div")
        .evaluateAll((all) =>
            Object.fromEntries(
                all.map((one) => [one.firstChild.textContent, one.lastChild.textContent.replaceAll(",", "")]),
            ),
        );
    const rows = await page
        .locator("#check-verdict table tbody tr")
        .evaluateAll((all) =>
            all.map((row) => [
                row.querySelector("strong").textContent,
                row.querySelector(".mark").textContent.slice(2),
                row.lastChild.textContent.replaceAll(",", ""),
            ]),
        );
    return {states: counts.states, transitions: counts.transitions, depth: counts.depth, rows};
}

// The program exits with 1 where something is violated.
function result_of_program(program, options) {
    let text;
    try {
        text = execFileSync(program, ["check", "--format", "json", ...options], {encoding: "utf8"});
    } catch (error) {
        text = error.stdout;
    }
    const {states, transitions, depth, properties, trace} = JSON.parse(text);
    return {
        states,
        transitions,
        depth,
        rows: properties.map(({name, verdict, exercised}) => [name, verdict, exercised]),
        trace,
    };
}

async function default_check_agrees({open, program}) {
    const page = await open({fragment: "check"});
    const {trace, ...expected} = result_of_program(program, []);
    assert.deepEqual(await result_of(page), expected, "the page and the program count otherwise");
    assert.match(await page.getByRole("status").textContent(), /^Search: complete. Verdict: holds. /);
}

async function counterexample_opens({open, program}) {
    const page = await open({fragment: "check"});
    await field(page, "Trainers").fill("1");
    await field(page, "Retries of a client").fill("0");
    await seeded_bug(page).selectOption("conflict-forgets-lost-answer");
    const options = ["--trainers", "1", "--retries", "0", "--bug", "conflict-forgets-lost-answer"];
    assert.equal(await page.locator("#check-command code").textContent(), "tjob check " + options.join(" "));
    const {trace, ...expected} = result_of_program(program, options);
    assert.deepEqual(await result_of(page), expected, "the page and the program count otherwise");
    assert.equal(await page.locator("#check-verdict .trace li").count(), trace.length, "another trace");

    await press(page, "Open in Play");
    await page.getByText(/^Opened: the trace to a violation of no-hidden-effect/).waitFor();
    const violated = page.getByRole("row", {name: /^no-hidden-effect/});
    assert.match(await violated.textContent(), /violated at step \d+/, "Play does not see the violation");
    const steps = await page.locator("#steps li").count();
    for (let step = steps - 1; step >= 0; step--) {
        await press(page, "Undo");
        await page.getByText("Step " + step + " of " + steps, {exact: true}).waitFor();
    }
    assert.equal(
        await page.getByRole("tabpanel", {name: "Play"}).getByText("\u2717 violated").count(),
        0,
        "the beginning violates something",
    );
    for (let step = 1; step <= steps; step++) {
        await press(page, "Redo");
        await page.getByText("Step " + step + " of " + steps, {exact: true}).waitFor();
    }
    assert.match(await violated.textContent(), /violated at step \d+/, "the violation is gone");
}

async function check_is_cancelled({open}) {
    const page = await open({fragment: "check"});
    await field(page, "Clients").fill("3");
    await field(page, "Faults").fill("3");
    await press(page, "Check");
    await page.locator("#check-counts dt", {hasText: "room for"}).waitFor({timeout: minutes});
    await press(page, "Cancel");
    assert.match(await page.getByRole("status").textContent(), /^Cancelled after /);
    for (let waits = 0; page.workers().length !== 1; waits++) {
        assert.ok(waits < 50, "the search goes on");
        await page.waitForTimeout(100);
    }
    await field(page, "Clients").fill("1");
    await field(page, "Faults").fill("0");
    await field(page, "Trainers").fill("1");
    await field(page, "Incarnations").fill("1");
    // The number that docs/verification.md lists.
    assert.equal((await result_of(page)).states, "2002", "a check after a cancelled one");
}

module.exports = {
    counts: {
        run: default_check_agrees,
        falsehoods: [
            ["depth: counts.depth", "depth: counts.states", /count otherwise/],
            ["number_cell(property.exercised)", 'number_cell("0")', /count otherwise/],
        ],
    },
    counterexample: {
        run: counterexample_opens,
        falsehoods: [
            [
                "await open_play(result.situation)",
                'await open_play(result.situation.replace(/bug=[^&/]*/, "bug=none"))',
                /Opened: the trace|Play does not see the violation/,
            ],
            ["...result.trace.map((step) =>", "...result.trace.slice(1).map((step) =>", /another trace/],
        ],
    },
    cancel: {run: check_is_cancelled, falsehoods: [["check.engine?.end();", "", /the search goes on/]]},
};
