// The engine in WebAssembly answers as it does natively, byte for byte, but for what depends on the size of a pointer.
//
//   node engine.js PAGE_WASM NATIVE [false]
//
// With "false" the first answer is changed, which must be seen.
const { execFileSync } = require("child_process");
const { readFileSync } = require("fs");

const [file, native, untrue] = process.argv.slice(2);
const module_ = new WebAssembly.Module(readFileSync(file));
let progresses = 0;
let instance;

function renew() {
    instance = new WebAssembly.Instance(module_, { page: { progress: () => progresses++ } });
}

function output_of(length) {
    const { memory, output } = instance.exports;
    return new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(memory.buffer, output() >>> 0, length >>> 0));
}

function call(name, text) {
    const { memory, room } = instance.exports;
    const bytes = new TextEncoder().encode(text);
    const at = room(bytes.length) >>> 0;
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
    return output_of(instance.exports[name](bytes.length));
}

// The memory of a table depends on the size of a pointer, and with it how many states are stored when it is full.
function without_sizes(json) {
    const full = json.includes('"search":"out of memory"');
    return json.replace(full ? /"(memory_bytes|capacity|states|waiting)":"[0-9]*"/g : /"(memory_bytes|capacity)":"[0-9]*"/g, '"$1":""');
}

const training = "host1.submit/host1.loaded/host1.swapped/trainer1.start/trainer1.loaded/trainer1.swapped";
const stop = "client1.stop/client1.allowed/client1.admitted/client1.loaded";
const log = (lines) => "\n" + lines.map((line) => JSON.stringify(line) + "\n").join("");
const cases = [
    ["read", ""],
    ["play", ""],
    ["play", `clients=1/${training}/${stop}/client1.lost-late/store.apply(1)/client1.loaded`],
    ["play", `bug=stop-answered-early/${training}/${stop}`],
    ["play", "/host1.submit(token=18446744073709551615,host-code=4294967295)/host1.loaded/host1.swapped" +
        "/trainer1.start(trainer-token=9007199254740993)/trainer1.loaded/trainer1.swapped/clock.set(18446744073709551614)"],
    ["play", "clients=17"],
    ["play", "/client1.st\u00f6p"],
    ["play", "/clock.set(1)".repeat(1999)],
    ["check", "clients=1&trainers=1"],
    ["check", "clients=1&trainers=1&bug=lost-update"],
    ["check", "clients=1&trainers=1&bug=dirty-read"],
    ["check", "clients=1&trainers=1&bug=version-reused&faults=0"],
    ["check", "memory=1"],
    ["check", "clients=5"],
    ["history", ""],
    ["history", log([{ id: 1, arn: "r/\u00e4", event: "submit", token: "18446744073709551615" }, { id: 1, status: "ok", changed: "yes" },
        { id: 2, arn: "r/\u00e4", event: "stop" }, { id: 2, status: "ok", after: "STOPPED" },
        { id: 3, arn: "r/\u00e4", event: "describe" }, { id: 3, status: "ok", before: "SUBMITTED" }])],
    ["history", log([{ id: 1, arn: "r/a", event: "stop" }, { id: 1, status: "gone" }])],
];

let failed = 0;
for (const [name, text] of cases.filter((one) => untrue === undefined || one[1] === "")) {
    renew();
    let answer = without_sizes(call(name, text));
    const expected = without_sizes(execFileSync(native, [name], { input: text, maxBuffer: 1 << 26 }).toString("utf8").trimEnd());
    if (untrue !== undefined) {
        answer += " ";
    }
    if (answer !== expected) {
        failed++;
        console.log(`${name} ${text.slice(0, 60)}: in WebAssembly ${answer.slice(0, 200)}, natively ${expected.slice(0, 200)}`);
    }
}

function check(what, holds) {
    if (!holds) {
        failed++;
        console.log(what);
    }
}

// One instance serves many calls, each of which forgets the one before.
renew();
const first = call("play", `/${training}`);
call("history", "\nx");
call("check", "clients=2&trainers=1&retries=0&incarnations=1");
check("a call remembers the one before", call("play", `/${training}`) === first);
check("no progress was told", untrue !== undefined || progresses > 0);

// What is too large has no room.
check("an input that is too large has room", (instance.exports.room((16 << 20) + 1) >>> 0) === 0);
const empty = call("play", "");
call("play", `/${training}`);
instance.exports.room(0);
check("a length beyond the room is read", output_of(instance.exports.play(1 << 30)) === empty);
console.log(`${cases.length} inputs, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
