// Read: the table is the program's, and each cell describes its transition.
"use strict";
const assert = require("assert/strict");
const {execFileSync} = require("child_process");

// The rows of the table that `tjob graph` prints, and of each cell the state that it leads to.
function table_of_program(program) {
    const lines = execFileSync(program, ["graph", "--format", "table"], {encoding: "utf8"}).trim().split("\n");
    const [heads, , ...rows] = lines.map((line) => line.slice(2, -2).split(" | "));
    return rows.map(([event, ...cells]) =>
        Object.fromEntries([
            ["event", event],
            ...cells.map((cell, i) => [heads[i + 1], /^-> (\w+)/.exec(cell)?.[1] ?? ""]),
        ]),
    );
}

async function table_is_the_programs({open, program}) {
    const page = await open({fragment: "read"});
    const grid = page.getByRole("grid", {name: "Transitions"});
    const shown = await grid.evaluate((table) => {
        const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
        return [...table.tBodies[0].rows].map((row) =>
            Object.fromEntries(
                [...row.cells].map((cell, i) => [
                    heads[i],
                    i === 0 ? cell.textContent : (/^\u2192\u00a0(\w+)/.exec(cell.textContent)?.[1] ?? ""),
                ]),
            ),
        );
    });
    assert.deepEqual(shown, table_of_program(program), "another table than the program's");
}

async function each_cell_describes_its_transition({open}) {
    const page = await open({fragment: "read"});
    const shown = page.locator("#transition");
    const {cells} = await page.evaluate(() => engine.call("read", ""));
    const transitions_of_engine = new Set(
        cells.map(({event, state, next, description}) => {
            assert.match(description, /^[A-Z].*\.$/, "a description that is empty");
            return event + " in " + state + (next === state ? "" : " \u2192 " + next) + ": " + description;
        }),
    );
    await page.locator("#table button[tabindex='0']").focus();
    const transitions = new Set([await shown.textContent()]);
    const [rows, columns] = [
        await page.locator("#table tbody tr").count(),
        (await page.locator("#table thead th").count()) - 1,
    ];
    for (let row = 0; row < rows; row++) {
        for (let column = 1; column < columns; column++) {
            await page.keyboard.press(row % 2 === 0 ? "ArrowRight" : "ArrowLeft");
            transitions.add(await shown.textContent());
        }
        await page.keyboard.press("ArrowDown");
        transitions.add(await shown.textContent());
    }
    assert.equal(transitions.size, rows * columns, "cells without a transition of their own");
    assert.deepEqual(transitions, transitions_of_engine, "the transitions are not the engine's");
    await page.getByRole("button", {name: /^stop in TRAINING/}).hover();
    assert.match(
        await shown.textContent(),
        /^stop in TRAINING \u2192 STOP_REQUESTED: .*\.$/,
        "the transition of the cell under the mouse",
    );
}

module.exports = {
    table: {
        run: table_is_the_programs,
        falsehoods: [
            [
                '["event", ...states]',
                '["event", ...states.slice(1), states[0]]',
                /another table/,
            ],
        ],
    },
    transitions: {
        run: each_cell_describes_its_transition,
        falsehoods: [
            ["focus: show,", "", /without a transition/],
            ['next + ": ") + cell.description', 'next + ": ") + cell.kind', /the transitions are not/],
            ["mouseenter: show,", "", /under the mouse/],
        ],
    },
};
