"use strict";
// What the views share: the engine in its worker, elements, forms, tabs, and the fragment of the address.

const by_id = (id) => document.getElementById(id);

// ---- The engine: the library, compiled to WebAssembly, in a worker.

// Resolves to the bytes that a text holds as base64 of gzip.
function unpacked(text) {
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

class Engine {
    static bytes = unpacked(by_id("wasm").textContent);
    static source = URL.createObjectURL(new Blob([by_id("worker").textContent], {type: "text/javascript"}));

    #worker = new Worker(Engine.source);
    #waiting = new Map();
    #calls = 0;
    #failure = null; // why the worker does not run

    constructor(progress = () => {}) {
        this.#worker.onmessage = ({data}) => {
            if (data.progress !== undefined) {
                progress(JSON.parse(data.progress));
                return;
            }
            const {resolve, reject} = this.#waiting.get(data.id);
            this.#waiting.delete(data.id);
            data.failure === undefined ? resolve(data.output) : reject(new Error(data.failure));
        };
        this.#worker.onerror = (event) => {
            this.#failure = new Error("the engine cannot be started: " + (event.message || "no worker"));
            this.#waiting.forEach(({reject}) => reject(this.#failure));
            this.#waiting.clear();
        };
        this.ready = Engine.bytes.then((bytes) => this.#post({bytes}));
    }

    #post(message) {
        return new Promise((resolve, reject) => {
            if (this.#failure !== null) {
                reject(this.#failure);
                return;
            }
            this.#waiting.set(++this.#calls, {resolve, reject});
            this.#worker.postMessage({id: this.#calls, ...message});
        });
    }

    // Resolves to the object that a function of the engine returns for a text.
    async call(name, text) {
        await this.ready;
        return JSON.parse(await this.#post({name, text}));
    }

    end() {
        this.#worker.terminate();
    }
}

// ---- Elements.

// Makes an element: properties, attributes (names with a hyphen, and role), listeners (functions), and children.
function element(name, properties = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
        if (typeof value === "function") {
            made.addEventListener(key, value);
        } else if (key.includes("-") || key === "role" || key === "for") {
            made.setAttribute(key, value);
        } else {
            made[key] = value;
        }
    }
    made.append(...children.filter((child) => child !== null));
    return made;
}

function table(caption, heads, rows) {
    const row = (cells) =>
        element(
            "tr",
            {},
            ...cells.map((cell, i) => {
                const made =
                    cell instanceof Node && cell.tagName === "TD" ? cell : element(i === 0 ? "th" : "td", {}, cell);
                made.tagName === "TH" && made.setAttribute("scope", "row");
                return made;
            }),
        );
    return element(
        "table",
        {},
        element("caption", {className: "away"}, caption),
        element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", {scope: "col"}, head)))),
        element("tbody", {}, ...rows.map(row)),
    );
}

const number_cell = (number) => element("td", {className: "number"}, grouped(number));

// Digits in groups of three: numbers of 64 bits are texts.
const grouped = (digits) => String(digits).replace(/\B(?=(\d{3})+$)/g, ",");

const count_of = (count, noun) => grouped(count) + " " + noun + (Number(count) === 1 ? "" : "s");

// Where an error of the engine is, and what it is. Not every error has a place.
function words_of_error({line, at, message}) {
    const place = [line === undefined ? "" : "line " + line, at === undefined ? "" : "byte " + at];
    return [place.filter((text) => text !== "").join(", "), message].filter((text) => text !== "").join(": ");
}

// ---- What is said to all.

// Says what happened, in the line below the tabs; a screen reader announces it.
function say(text) {
    by_id("status").textContent = text;
}

// Says in red what failed, and to the console of the browser; the next action that succeeds takes it back.
function fail(text) {
    console.error(text);
    by_id("failure").textContent = text;
    by_id("failure").hidden = false;
}

function forget_failure() {
    by_id("failure").textContent = "";
    by_id("failure").hidden = true;
}

// Returns a function that makes actions wait for each other; an action that fails is said to have failed.
function turns() {
    let turn = Promise.resolve();
    return (action) =>
        (...given) => {
            turn = turn
                .then(() => action(...given))
                .then(forget_failure, (error) => fail("This failed: " + error.message));
            return turn;
        };
}

const in_turn = turns();

// ---- Forms, of the parameters that the engine lists: their names, bounds, words and defaults.

const labels = {
    clients: "Clients",
    trainers: "Trainers",
    supervisors: "Supervisors",
    hosts: "Hosts",
    "stop-submitted": "A stop before training",
    "stop-finished": "A stop after the end",
    "stop-timeout-ms": "A stop expires after, ms",
    "max-attempts": "Attempts of an operation",
    bug: "Seeded bug",
    clock: "The clock begins at, ms",
    retries: "Retries of a client",
    faults: "Faults",
    incarnations: "Incarnations",
    reduction: "Reductions",
    memory: "Memory, MiB",
    explain: "Explain",
};

// Numbers of up to 64 bits are texts; the small ones have arrows.
function field_of({name, words, otherwise, least, most}) {
    let input;
    if (words !== undefined) {
        input = element("select", {name}, ...words.map((word) => element("option", {value: word}, word)));
    } else if (Number(most) < 10000) {
        input = element("input", {name, type: "number", min: least, max: most, required: true});
    } else {
        input = element("input", {
            name,
            type: "text",
            inputMode: "numeric",
            pattern: "[0-9]{1,20}",
            required: true,
            size: 9,
        });
    }
    input.value = otherwise;
    return element("label", {}, labels[name] ?? name, input);
}

function fill_form(form, parameters) {
    form.replaceChildren(...parameters.map(field_of));
    form.addEventListener("submit", (event) => event.preventDefault());
}

// The parameters of a form that differ from their defaults: [name, value] each.
function given_in(form, parameters) {
    const values = new FormData(form);
    return parameters
        .map(({name}) => [name, values.get(name)])
        .filter(([, value], i) => value !== parameters[i].otherwise);
}

const as_text = (given) => given.map(([name, value]) => name + "=" + value).join("&");

// ---- Tabs.

const tabs = ["play", "check", "read", "history"];

function show_tab(name) {
    for (const tab of tabs) {
        const button = by_id("tab-" + tab);
        button.setAttribute("aria-selected", String(tab === name));
        button.tabIndex = tab === name ? 0 : -1;
        by_id(tab).hidden = tab !== name;
    }
    by_id("tab-" + name).scrollIntoView({block: "nearest", inline: "nearest"});
}

const shown_tab = () => tabs.find((tab) => !by_id(tab).hidden);

function set_up_tabs() {
    for (const tab of tabs) {
        by_id("tab-" + tab).addEventListener("click", () => {
            show_tab(tab);
            set_fragment(tab === "play" ? play_fragment() : tab);
            say("");
        });
    }
    by_id("tab-play").parentElement.addEventListener("keydown", (event) => {
        const at = tabs.findIndex((tab) => event.target.id === "tab-" + tab);
        const to = {ArrowRight: at + 1, ArrowLeft: at + tabs.length - 1, Home: 0, End: tabs.length - 1}[event.key];
        if (to !== undefined) {
            event.preventDefault();
            by_id("tab-" + tabs[to % tabs.length]).focus();
            by_id("tab-" + tabs[to % tabs.length]).click();
        }
    });
}

// ---- The fragment of the address: the name of a tab, or play= and a situation.

function set_fragment(text) {
    history.replaceState(null, "", "#" + text);
}

function fragment_of_address() {
    try {
        return decodeURIComponent(location.hash.slice(1));
    } catch {
        return location.hash.slice(1);
    }
}

async function follow_fragment() {
    const fragment = fragment_of_address();
    if (fragment.startsWith("play=")) {
        show_tab("play");
        await open_play(fragment.slice("play=".length));
    } else {
        show_tab(tabs.includes(fragment) ? fragment : "play");
    }
}
