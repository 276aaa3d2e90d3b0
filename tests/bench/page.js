// The page in Chromium beside the program, in turns: how long the default model takes in each, and how long the page
// takes until it is ready for input. Times of the model are those of the processor; medians are compared.
//
//   node page.js BUILD PACKAGES [ROUNDS]
//
// BUILD: a folder of a Release build with TJOB_PAGE; PACKAGES: the folder that tests/page/prepare.sh made; ROUNDS: 3
"use strict";
const path = require("path");
const {spawnSync} = require("child_process");
const {launch, open} = require("../page/browser.js");

const [build, packages, rounds = "3"] = process.argv.slice(2);
const file = path.resolve(build, "src/page/tjob.html");
const program = path.resolve(build, "src/cli/tjob");

function median(numbers) {
    return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

// The seconds of the processor that the processes of a browser have taken.
async function processor_seconds(browser) {
    const session = await browser.newBrowserCDPSession();
    const {processInfo} = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    return processInfo.reduce((sum, {cpuTime}) => sum + cpuTime, 0);
}

async function run_page(browser) {
    const {page, close} = await open(browser, file, {patience: 600000});
    const ready = await page.evaluate(() => performance.getEntriesByName("ready")[0].startTime / 1000);
    const before = await processor_seconds(browser);
    const {states, wall} = await page.evaluate(async () => {
        const began = performance.now();
        const {states} = await new Engine().call("check", "");
        return {states, wall: (performance.now() - began) / 1000};
    });
    const seconds = (await processor_seconds(browser)) - before;
    await close();
    return {ready, states, wall, seconds};
}

function run_program() {
    const command = `TIMEFORMAT='%U %S'; time '${program}' check --threads 1 --format json`;
    const {stdout, stderr} = spawnSync("bash", ["-c", command], {encoding: "utf8"});
    const {states, seconds: wall} = JSON.parse(stdout);
    const [user, system] = stderr.trim().split(" ").map(Number);
    return {states, wall, seconds: user + system};
}

async function main() {
    const browser = await launch(packages);
    const runs = {page: [], program: []};
    for (let round = 0; round < Number(rounds); round++) {
        runs.program.push(run_program());
        runs.page.push(await run_page(browser));
    }
    await browser.close();
    console.log(`ready for input: ${median(runs.page.map(({ready}) => ready)).toFixed(2)} s`);
    const medians = Object.entries(runs).map(([name, all]) => {
        const seconds = median(all.map((run) => run.seconds));
        const wall = median(all.map((run) => run.wall));
        console.log(`${name}: ${all[0].states} states, ${seconds.toFixed(2)} s of the processor, ${wall.toFixed(2)} s`);
        return seconds;
    });
    console.log(`ratio ${(medians[0] / medians[1]).toFixed(2)}`);
}

main();
