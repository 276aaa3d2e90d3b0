// History: the history checker on a log. A sub-history that is not linearizable is drawn as bars in time.

// A long log takes a while, so it is checked in a worker of its own, beside the other views.
// At most so many jobs are listed, and so many calls of a sub-history are drawn.
const jobs_listed_max = 200;
const calls_drawn_max = 200;

let log_parameters = [];
let log_bytes_max; // of the parameters and the log
let log_engine;
const in_log_order = turns();

const example_log = `{"id":1,"arn":"r/a","event":"submit","token":5}
{"id":1,"status":"ok"}
{"id":2,"arn":"r/a","event":"start","trainer_token":7}
{"id":2,"status":"ok"}
{"id":3,"arn":"r/a","event":"stop"}
{"id":3,"status":"ok","changed":"yes"}
{"id":4,"arn":"r/a","event":"describe"}
{"id":4,"status":"ok","after":"TRAINING"}
`;

function call_words(call) {
    const tokens = ["incarnation", "trainer_token", "token"].filter((name) => call[name] !== "0");
    return [call.event, ...tokens.map((name) => name.replace("_", " ") + " " + call[name])].join(", ");
}

function answer_words(call) {
    const change = {yes: ", changed", no: ", unchanged", unknown: ", possibly changed"}[call.changed] ?? "";
    return (
        call.status +
        change +
        (call.before === null ? "" : ", before " + call.before) +
        (call.after === null ? "" : ", after " + call.after)
    );
}

const lines_words = (call) =>
    call.answered_line === call.invoked_line
        ? "line " + call.invoked_line
        : "lines " + call.invoked_line + " to " + call.answered_line;

// Returns at which of all the instants of the calls each of them begins and ends.
function instants_of(calls) {
    const number = (text) => BigInt(text);
    const instants = calls.flatMap((call) => [call.invoked, call.answered]).map(number);
    const ordered = [...new Set(instants)].sort((a, b) => (a < b ? -1 : 1));
    const ranks = new Map(ordered.map((at, i) => [at, i]));
    const rank = (at) => ranks.get(number(at));
    return {count: ordered.length, spans: calls.map((call) => [rank(call.invoked), rank(call.answered)])};
}

function history_drawing(calls) {
    const {count, spans} = instants_of(calls);
    const step = Math.max(60, Math.min(160, 800 / count));
    const width = 32 + step * (count + 1);
    const bars = calls.flatMap((call, i) => {
        const [x, end] = spans[i].map((rank) => 16 + step * (rank + 0.5));
        const y = 20 + 46 * i;
        return [
            words_at(x, y - 4, call_words(call) + " \u2192 " + answer_words(call), "", "start"),
            shape("rect", {
                x,
                y,
                width: Math.max(10, end - x),
                height: 14,
                rx: 7,
                class: "main",
            }),
        ];
    });
    const longest = calls.reduce((most, call, i) => {
        const words = 6.6 * (call_words(call) + answer_words(call)).length;
        return Math.max(most, 16 + step * (spans[i][0] + 0.5) + words + 40);
    }, width);
    const size = {width: longest, height: 46 * calls.length + 8};
    return shape(
        "svg",
        {
            role: "img",
            "aria-label": "The calls of the sub-history in time",
            ...size,
            viewBox: `0 0 ${size.width} ${size.height}`,
        },
        ...bars,
    );
}

// What says that a list goes on, if it has more than the most of it that is shown.
function more_of(list, most, noun) {
    return list.length <= most
        ? []
        : [element("p", {className: "note"}, "and " + count_of(list.length - most, "more " + noun))];
}

function sub_history(result) {
    const calls = result.sub_history.slice(0, calls_drawn_max);
    return [
        element(
            "p",
            {},
            (result.minimal ? "Minimal sub-history of " : "Sub-history, not minimized, of ") +
                count_of(result.sub_history.length, "call") +
                ":",
        ),
        element(
            "div",
            {className: "scroll", role: "region", "aria-label": "The calls of " + result.arn + " in time", tabIndex: 0},
            history_drawing(calls),
        ),
        table(
            "Calls of " + result.arn,
            ["Call", "Answer", "Where"],
            calls.map((call) => [call_words(call), answer_words(call), lines_words(call)]),
        ),
        ...more_of(result.sub_history, calls_drawn_max, "call"),
    ];
}

function result_section(result) {
    const why =
        result.bound !== null ? ": too many " + result.bound : result.line !== null ? ": line " + result.line : "";
    return element(
        "section",
        {"aria-label": result.arn},
        element("h3", {}, result.arn + ": ", element("span", {className: "mark violated"}, result.verdict + why)),
        ...(result.sub_history ? sub_history(result) : []),
    );
}

function summary_of(checked) {
    const counts = ["linearizable", "not linearizable", "inconclusive", "malformed"].map(
        (verdict) => grouped(checked[verdict.replace(" ", "_")]) + " " + verdict,
    );
    const cut = checked.cut_line === null ? "" : " Line " + checked.cut_line + " stops short, and is ignored.";
    return `${count_of(checked.calls, "call")} of ${count_of(checked.jobs, "job")}: ${counts.join(", ")}.${cut}`;
}

function refuse_log(why) {
    by_id("history-results").replaceChildren(element("p", {className: "failure"}, why));
    say("The log is not checked.");
}

// Returns whether so many bytes are too many to check, and says so.
function is_too_large(bytes) {
    if (bytes > log_bytes_max) {
        refuse_log("The log has " + grouped(bytes) + " bytes; at most " + grouped(log_bytes_max) + " are checked.");
    }
    return bytes > log_bytes_max;
}

async function check_log() {
    const form = by_id("history-form");
    if (!form.reportValidity()) {
        return;
    }
    const input = as_text(given_in(form, log_parameters)) + "\n" + by_id("log").value;
    if (is_too_large(new Blob([input]).size)) {
        return;
    }
    say("Checking.");
    log_engine ??= new Engine();
    const checked = await log_engine.call("history", input);
    if (checked.error !== undefined) {
        refuse_log("The log cannot be read: " + words_of_error(checked.error) + ".");
        return;
    }
    by_id("history-results").replaceChildren(
        element("p", {className: "verdict"}, summary_of(checked)),
        ...checked.results.slice(0, jobs_listed_max).map(result_section),
        ...more_of(checked.results, jobs_listed_max, "job"),
    );
    say(summary_of(checked));
}

async function check_log_file(file) {
    if (file !== undefined && !is_too_large(file.size)) {
        by_id("log").value = await file.text();
        await check_log();
    }
}

function set_up_history(parameters, bytes_max) {
    log_parameters = parameters;
    log_bytes_max = bytes_max;
    fill_form(by_id("history-form"), parameters);
    by_id("history-start").addEventListener("click", in_log_order(check_log));
    by_id("history-example").addEventListener(
        "click",
        in_log_order(() => {
            by_id("log").value = example_log;
            return check_log();
        }),
    );
    const check_in_turn = in_log_order(check_log_file);
    by_id("log-file").addEventListener("change", (event) => {
        const [file] = event.target.files;
        event.target.value = ""; // so that the same file can be opened again
        return check_in_turn(file);
    });
    const log = by_id("log");
    const has_files = (event) => event.dataTransfer.types.includes("Files"); // a text is dropped as everywhere
    for (const [name, over] of [
        ["dragover", true],
        ["dragleave", false],
        ["drop", false],
    ]) {
        by_id("history").addEventListener(name, (event) => {
            if (has_files(event)) {
                event.preventDefault();
                log.classList.toggle("over", over);
            }
        });
    }
    by_id("history").addEventListener("drop", (event) => {
        const [file] = event.dataTransfer.files; // which are gone after the event
        return has_files(event) ? check_in_turn(file) : undefined;
    });
}
