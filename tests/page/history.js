// History: a log, pasted or from a file, and the sub-history that is not linearizable.
"use strict";
const assert = require("assert/strict");

const stopped_and_training = [
    '{"id":1,"arn":"r/a","event":"submit","token":5}',
    '{"id":1,"status":"ok"}',
    '{"id":2,"arn":"r/a","event":"start","trainer_token":7}',
    '{"id":2,"status":"ok"}',
    '{"id":3,"arn":"r/a","event":"stop"}',
    '{"id":3,"status":"ok","changed":"yes"}',
    '{"id":4,"arn":"r/a","event":"describe"}',
    '{"id":4,"status":"ok","after":"TRAINING"}',
    "",
].join("\n");

async function log_is_checked({open}) {
    const page = await open({fragment: "history"});
    const said = page.getByRole("status");
    await page.getByLabel("Log").fill(stopped_and_training);
    await page.getByRole("button", {name: "Check the log", exact: true}).click();
    await page.getByRole("heading", {name: "r/a: not linearizable"}).waitFor();
    const calls = await page
        .locator("#history-results tbody tr")
        .evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
    assert.deepEqual(
        calls,
        [
            ["stop", "ok, changed", "lines 5 to 6"],
            ["describe", "ok, after TRAINING", "lines 7 to 8"],
        ],
        "the sub-history",
    );
    assert.equal(await page.locator("#history-results svg rect").count(), 2, "the drawing");
    assert.equal(
        await said.textContent(),
        "4 calls of 1 job: 0 linearizable, 1 not linearizable, 0 inconclusive, 0 malformed.",
    );

    // The same from a file, with a right answer.
    const right = Buffer.from(stopped_and_training.replace("TRAINING", "STOP_REQUESTED"));
    const opener = page.getByLabel("Open a file");
    await opener.setInputFiles({name: "log", mimeType: "text/plain", buffer: right});
    await page.getByText("1 linearizable, 0 not linearizable").first().waitFor();
    assert.equal(await opener.inputValue(), "", "the same file cannot be opened again");

    // A file that is dropped, and is no log at all: it is there during the event alone. A text is not the page's.
    const taken = await page.evaluate(() => {
        const drop = (add) => {
            const data = new DataTransfer();
            add(data);
            const event = new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
            document.getElementById("log").dispatchEvent(event);
            data.clearData();
            data.items.clear();
            return event.defaultPrevented;
        };
        return [
            drop((data) => data.setData("text/plain", "{}")),
            drop((data) => data.items.add(new File(['{"id":1,"arn":"r/a","event":"halt"}\n'], "log"))),
        ];
    });
    assert.deepEqual(taken, [false, true], "which drops the page takes");
    await page.getByText(/^The log cannot be read: line 1, byte \d+: /).waitFor();
    await page.getByLabel("Log").fill('{"id":1,"status":"ok"}\n');
    await page.getByRole("button", {name: "Check the log", exact: true}).click();
    await page.getByText("The log cannot be read: line 1: no earlier invocation of this id.", {exact: true}).waitFor();
    await page.getByRole("button", {name: "Example"}).click();
    await page.getByRole("heading", {name: "r/a: not linearizable"}).waitFor();
}

// A log that is too large is refused before it is read.
async function large_log_is_refused({open}) {
    const page = await open({fragment: "history"});
    const read = await page.evaluate(async () => {
        let read = false;
        await check_log_file({size: (16 << 20) + 1, text: async () => (read = true) && ""});
        return read;
    });
    assert.equal(read, false, "it is read");
    await page
        .locator("#history-results")
        .getByText("The log has 16,777,217 bytes; at most 16,777,216 are checked.", {exact: true})
        .waitFor();
    await page.evaluate(() => (document.getElementById("log").value = " ".repeat(16 << 20)));
    await page.getByRole("button", {name: "Check the log", exact: true}).click();
    await page.locator("#history-results").getByText("are checked.").waitFor();
}

// A log of many jobs, each of which is stopped and in training; and a sub-history of more calls than a log has it soon.
async function much_is_bounded({open}) {
    const page = await open({fragment: "history"});
    const many = Array.from({length: 203}, (_, job) =>
        stopped_and_training.replaceAll("r/a", "r/" + job).replaceAll('"id":', '"id":' + (job + 1)),
    );
    const log = {name: "log", mimeType: "text/plain", buffer: Buffer.from(many.join(""))};
    await page.getByLabel("Open a file").setInputFiles(log);
    await page.getByText("and 3 more jobs", {exact: true}).waitFor();
    assert.equal(await page.locator("#history-results section").count(), 200, "the jobs that are listed");
    const shown = await page.evaluate(() => {
        const calls = Array.from({length: 30000}, (_, i) => ({
            ...{event: "stop", incarnation: "0", trainer_token: "0", token: "0", status: "ok", changed: "no"},
            ...{before: null, after: null, invoked: String(i), answered: String(i + 1)},
            ...{invoked_line: i + 1, answered_line: i + 2},
        }));
        const {spans} = instants_of(calls);
        const made = element("div", {}, ...sub_history({arn: "r/a", minimal: false, sub_history: calls}));
        return [
            spans.at(-1),
            made.firstChild.textContent,
            made.querySelectorAll("rect").length,
            made.querySelectorAll("tbody tr").length,
            made.lastChild.textContent,
        ];
    });
    assert.deepEqual(
        shown,
        [[29999, 30000], "Sub-history, not minimized, of 30,000 calls:", 200, 200, "and 29,800 more calls"],
        "what is shown of a large sub-history",
    );
}

module.exports = {
    history_large: {
        run: large_log_is_refused,
        falsehoods: [[" && !is_too_large(file.size)", "", /it is read/]],
    },
    history_much: {
        run: much_is_bounded,
        falsehoods: [
            [".slice(0, jobs_listed_max)", "", /jobs that are listed/],
            [".slice(0, calls_drawn_max)", "", /large sub-history/],
        ],
    },
    history: {
        run: log_is_checked,
        falsehoods: [
            [
                "calls.map((call) => [call_words(call), answer_words(call), lines_words(call)])",
                "calls.slice(1).map((call) => [call_words(call), answer_words(call), lines_words(call)])",
                /the sub-history/,
            ],
            ['by_id("log").value = await file.text();', "", /1 linearizable/],
            ['event.target.value = "";', "", /cannot be opened again/],
            ["const has_files = (event) =>", "const has_files = (event) => true ||", /which drops/],
            [
                "const [file] = event.dataTransfer.files;",
                "const file = {text: async () => event.dataTransfer.files[0].text()};",
                /line 1, byte/,
            ],
            [
                'at === undefined ? "" : "byte " + at',
                '"byte " + (at ?? 0)',
                /no earlier invocation/,
            ],
        ],
    },
};
