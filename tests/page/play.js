// Play: the race of a stop and a completion.
"use strict";
const assert = require("assert/strict");

const press = (page, actor, text) =>
    page.getByRole("article", {name: actor, exact: true}).getByRole("button", {name: text, exact: true}).click();
const record_of = (page) => page.locator("#card-store > p").first().textContent();
const panel = (page) => page.getByRole("tabpanel", {name: "Play"}).ariaSnapshot();

// Who is answered what, and the record after it.
const race = [
    ["client 1", "stop", "TRAINING, version 2"],
    ["client 1", "allowed", "TRAINING, version 2"],
    ["client 1", "admitted", "TRAINING, version 2"],
    ["client 1", "loaded", "TRAINING, version 2"],
    ["trainer 1", "completed", "TRAINING, version 2"],
    ["trainer 1", "loaded", "TRAINING, version 2"],
    ["client 1", "answer lost, applied", "STOP_REQUESTED, version 3"],
    ["trainer 1", "conflict", "STOP_REQUESTED, version 3"],
    ["trainer 1", "loaded", "STOP_REQUESTED, version 3"],
    ["trainer 1", "ok", "TRAINED, version 4"],
    ["client 1", "loaded", "TRAINED, version 4"],
];

async function race_is_played({open}) {
    const page = await open();
    await page.getByRole("link", {name: "a job in training"}).click();
    const seen = [await panel(page)];
    for (const [actor, answer, record] of race) {
        await press(page, actor, answer);
        await page.getByText("Step " + (6 + seen.length) + " of " + (6 + seen.length), {exact: true}).waitFor();
        assert.equal(await record_of(page), record, "the record after " + actor + ": " + answer);
        seen.push(await panel(page));
    }
    const answer = page.getByRole("article", {name: "client 1, step 17"});
    assert.match(
        await answer.textContent(),
        /200\nContent-Type: application\/x-amz-json-1.1\nx-amzn-RequestId: /,
        "the answer on the wire",
    );
    const won = page.getByRole("row", {name: /completion wins/});
    assert.match(await won.textContent(), /seen/, "completion wins");
    assert.equal(await page.getByText("violated").count(), 0, "an invariant is violated");

    // Undone step by step, all is as it was; and redone, too.
    for (let step = race.length - 1; step >= 0; step--) {
        await page.getByRole("button", {name: "Undo", exact: true}).click();
        await page.getByText("Step " + (6 + step) + " of 17", {exact: true}).waitFor();
        assert.equal(
            await record_of(page),
            step === 0 ? "TRAINING, version 2" : race[step - 1][2],
            "the record after an undo",
        );
    }
    await page.getByRole("button", {name: /^17/}).click();
    await page.getByText("Step 17 of 17", {exact: true}).waitFor();
    assert.equal(await panel(page), seen.at(-1), "what is redone is not what was undone");

    // The link restores it elsewhere, and what is undone, too.
    await page.getByRole("button", {name: "Copy link"}).click();
    await page.getByText("The link to this situation is copied.").waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, page.url(), "the link is not the address");
    const restored = await open({fragment: link.split("#")[1]});
    assert.equal(await panel(restored), seen.at(-1), "the link restores something else");
    await page.getByRole("button", {name: /^9/}).click();
    await page.getByText("Step 9 of 17", {exact: true}).waitFor();
    const half = await open({fragment: page.url().split("#")[1]});
    assert.equal(await panel(half), await panel(page), "the link of an undone situation restores something else");
}

// The keyboard alone: from the top of the page to the end of a stop.
async function keyboard_suffices({open}) {
    const page = await open({fragment: "play=clients=1&trainers=1"});
    const focused = () =>
        page.evaluate(
            () => document.activeElement.closest("[id^=card-]")?.id + " " + document.activeElement.textContent,
        );
    for (let presses = 0; (await focused()) !== "card-host1 submit"; presses++) {
        assert.ok(presses < 60, "Tab does not come to the host");
        await page.keyboard.press("Tab");
    }
    for (const step of ["submit", "loaded", "ok"]) {
        assert.match(await focused(), new RegExp("^card-host1 " + step), "the focus is lost");
        await page.keyboard.press("Enter");
        await page.waitForTimeout(50);
    }
    assert.equal(await record_of(page), "SUBMITTED, version 1");
    await page.keyboard.press("Control+z");
    await page.getByText("Step 2 of 3", {exact: true}).waitFor();
    await page.keyboard.press("Control+y");
    await page.getByText("Step 3 of 3", {exact: true}).waitFor();
    await page.getByRole("tab", {name: "Play"}).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", {name: "Check every interleaving"}).waitFor();
}

// A screen reader announces each step, and what stands in the address by mistake.
async function what_happens_is_said({open}) {
    const page = await open({fragment: "play=clients=1&trainers=1"});
    const said = page.getByRole("status");
    await press(page, "host 1", "submit");
    await page.getByText("Step 1 of 1", {exact: true}).waitFor();
    assert.match(await said.textContent(), /^Step 1: host 1: submit: begins\.$/);
    await page.getByRole("button", {name: "Undo", exact: true}).click();
    await page.getByText("Step 0 of 1", {exact: true}).waitFor();
    assert.equal(await said.textContent(), "Undone. At the beginning.");
    const wrong = await open({fragment: "play=clients=1/client7.stop"});
    assert.match(await wrong.getByRole("status").textContent(), /^This is no situation: byte \d+: /);
    assert.match(await record_of(wrong), /TRAINING/, "nothing is shown");
}

async function examples_are_situations({open}) {
    const page = await open();
    for (const link of await page.getByRole("tabpanel", {name: "Play"}).getByRole("link").all()) {
        await link.click();
        await page.waitForTimeout(100);
        assert.match(await page.getByRole("status").textContent(), /^Opened: /, await link.textContent());
    }
}

module.exports = {
    race: {
        run: race_is_played,
        falsehoods: [
            ["step_by(-1)", "step_by(-2)", /Step 16 of 17/],
            [
                "    const now = played === steps.length ? all : await",
                "    const now = true ? all : await",
                /the record after an undo/,
            ],
            ['"@" + situation.played', '""', /the link of an undone situation/],
            ["writeText(location.href)", "writeText(location.pathname)", /the link is not the address/],
            ["...steps.slice(0, played), step]", "...steps.slice(0, played).reverse(), step]", /Step 7 of 7/],
        ],
    },
    keyboard: {
        run: keyboard_suffices,
        falsehoods: [['(card?.querySelector("button") ?? card)?.focus();', "", /the focus is lost/]],
    },
    said: {run: what_happens_is_said, falsehoods: [['by_id("status").textContent = text;', "", /did not match/]]},
    examples: {
        run: examples_are_situations,
        falsehoods: [
            ['trainer1.completed/trainer1.loaded">a zombie', 'trainer1.completed/trainer1.lost">a zombie', /a zombie/],
        ],
    },
};
