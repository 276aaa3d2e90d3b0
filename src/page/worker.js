"use strict";
// Runs the engine in a thread of its own: text goes in, text comes out. A trap leaves an instance unusable, so that the
// next call takes a new one.
let module;
let engine;

function text_at(exports, length) {
    return new TextDecoder().decode(new Uint8Array(exports.memory.buffer, exports.output() >>> 0, length));
}

function instance_of(module) {
    const imports = {page: {progress: (length) => postMessage({progress: text_at(engine, length >>> 0)})}};
    return new WebAssembly.Instance(module, imports).exports;
}

function call(name, text) {
    engine ??= instance_of(module);
    const bytes = new TextEncoder().encode(text);
    const at = engine.room(bytes.length) >>> 0;
    if (at === 0) {
        throw new Error("there is no memory for an input of " + bytes.length + " bytes");
    }
    new Uint8Array(engine.memory.buffer, at, bytes.length).set(bytes);
    return text_at(engine, engine[name](bytes.length) >>> 0);
}

onmessage = ({data}) => {
    try {
        module ??= new WebAssembly.Module(data.bytes);
        postMessage({id: data.id, output: data.name === undefined ? "" : call(data.name, data.text)});
    } catch (error) {
        engine = undefined;
        postMessage({id: data.id, failure: error.message});
    }
};
