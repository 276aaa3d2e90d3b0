// Runs a program of WebAssembly and WASI. A test that fails leaves it by an exception, for there is no longjmp: the stack is
// then put back, and the tests go on.
//
//   node run.js PROGRAM ARGUMENT...
const { readFileSync } = require("fs");
const { WASI } = require("wasi");

const wasi = new WASI({ version: "preview1", args: process.argv.slice(2), env: process.env });
const left = {};
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
const program = new WebAssembly.Module(readFileSync(process.argv[2]));
instance = new WebAssembly.Instance(program, { env, ...wasi.getImportObject() });
process.exitCode = wasi.start(instance);
