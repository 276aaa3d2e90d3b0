// Runs a program of WebAssembly that is linked with wasi-libc. A test that fails leaves it by an exception, for there is no
// longjmp: the stack is then put back, and the tests go on. What the libc asks of its system is answered here. (With the
// module "wasi" of Node.js 20 a program that writes after its memory has grown ends in a crash, except with
// --no-turbo-fast-api-calls.)
//
//   node run.js PROGRAM
const { readFileSync, writeSync } = require("fs");

const left = {};
const ended = {};
let instance;

const env = {
    stand_in_attempt(run, index) {
        const { __stack_pointer, __indirect_function_table } = instance.exports;
        const stack = __stack_pointer.value;
        try {
            __indirect_function_table.get(run)(index);
            return 0;
        } catch (reason) {
            if (reason !== left) {
                throw reason;
            }
            __stack_pointer.value = stack;
            return 1;
        }
    },
    stand_in_leave() {
        throw left;
    },
};

// The memory may have grown: each view of it is a new one.
function view() {
    return new DataView(instance.exports.memory.buffer);
}

const wasi_snapshot_preview1 = {
    fd_write(fd, vectors, count, written) {
        let total = 0;
        for (let i = 0; i < count; i++) {
            const at = view().getUint32(vectors + 8 * i, true);
            const bytes = view().getUint32(vectors + 8 * i + 4, true);
            writeSync(fd, new Uint8Array(instance.exports.memory.buffer, at, bytes));
            total += bytes;
        }
        view().setUint32(written, total, true);
        return 0;
    },
    fd_close: () => 0,
    fd_seek: () => 70, // it is no file
    fd_fdstat_get: () => 8,
    sched_yield: () => 0,
    proc_exit(code) {
        process.exitCode = code;
        throw ended;
    },
};

instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(process.argv[2])), { env, wasi_snapshot_preview1 });
try {
    instance.exports._start();
} catch (reason) {
    if (reason !== ended) {
        throw reason;
    }
}
