// Read: the lifecycle, as a picture and as a table, of the cells that the engine gives.

// Where each state stands in the picture. Arrows are those of the table; each takes a free way between its boxes.
const places = {
    ABSENT: [16, 574, 110, 44],
    SUBMITTED: [16, 32, 110, 472],
    TRAINING: [190, 32, 106, 312],
    STOP_REQUESTED: [734, 32, 150, 472],
    STOPPED: [420, 436, 200, 68],
    TRAINED: [420, 144, 200, 60],
    TRAINED_WITH_WARNING: [420, 220, 200, 60],
    IN_ERROR: [420, 296, 200, 124],
    DELETING: [420, 574, 200, 44],
};

const low = (box, axis) => box[axis];
const high = (box, axis) => box[axis] + box[axis + 2];
const inside = (inner, outer) =>
    [0, 1].every((axis) => low(inner, axis) >= low(outer, axis) && high(inner, axis) <= high(outer, axis));

// The free stretch across an axis on which an arrow along the other one meets no box; null if there is none.
function free_way(from, to, boxes, along) {
    const across = 1 - along;
    const [start, end] =
        high(from, along) <= low(to, along) ? [high(from, along), low(to, along)] : [high(to, along), low(from, along)];
    const in_way = boxes
        .filter((box) => !inside(from, box) && !inside(to, box) && low(box, along) < end && high(box, along) > start)
        .sort((a, b) => low(a, across) - low(b, across));
    let first = Math.max(low(from, across), low(to, across));
    let last = Math.min(high(from, across), high(to, across));
    for (const box of in_way) {
        if (low(box, across) - 8 <= first) {
            first = Math.max(first, high(box, across) + 8);
        } else {
            last = Math.min(last, low(box, across) - 8);
        }
    }
    return start < end && first < last
        ? {at: (first + last) / 2, forward: high(from, along) <= low(to, along), start, end}
        : null;
}

// Lines of at most so many characters, broken between the names of events.
function lines_of(words, characters) {
    const lines = [];
    for (const word of words.split(" ")) {
        const last = lines.at(-1);
        if (last !== undefined && (last + " " + word).length <= characters) {
            lines[lines.length - 1] = last + " " + word;
        } else {
            lines.push(word);
        }
    }
    return lines;
}

function edge(from, to, events, boxes) {
    const kind = [to.name].some((name) => name === "STOP_REQUESTED" || name === "STOPPED") ? "main" : "";
    const across = free_way(from.box, to.box, boxes, 0);
    const way = across ?? free_way(from.box, to.box, boxes, 1);
    const [start, end] = way.forward ? [way.start, way.end] : [way.end, way.start];
    if (across === null) {
        return [
            ...arrow(way.at, start, way.at, end, kind),
            words_at(way.at + 10, (start + end) / 2 + 4, events.join(", "), "", "start"),
        ];
    }
    const room = (way.end - way.start - 12) / 6.6;
    const lines = lines_of(events.join(", "), room);
    const words = lines.map((line, i) => words_at((start + end) / 2, way.at - 6 - 15 * (lines.length - 1 - i), line));
    return [...arrow(start, way.at, end, way.at, kind), ...words];
}

// The events of each pair of states.
function edges_of(moves) {
    const edges = new Map();
    for (const {from, to, event} of moves) {
        edges.set(from + " " + to, [...(edges.get(from + " " + to) ?? []), event]);
    }
    return [...edges].map(([pair, events]) => ({from: pair.split(" ")[0], to: pair.split(" ")[1], events}));
}

function around(boxes) {
    const [x, y] = [Math.min(...boxes.map((box) => box[0])) - 12, Math.min(...boxes.map((box) => box[1])) - 26];
    return [
        x,
        y,
        Math.max(...boxes.map((box) => high(box, 0))) + 12 - x,
        Math.max(...boxes.map((box) => high(box, 1))) + 12 - y,
    ];
}

function state_box(name, terminal) {
    const [x, y, width, height] = places[name];
    const kind = name === "STOP_REQUESTED" || name === "STOPPED" ? "main" : "";
    const frames = [shape("rect", {x, y, width, height, rx: 8, class: name === "ABSENT" ? "dashed" : kind})];
    if (terminal) {
        frames.push(
            shape("rect", {x: x + 4, y: y + 4, width: width - 8, height: height - 8, rx: 4, class: "inner " + kind}),
        );
    }
    return [...frames, words_at(x + width / 2, y + height / 2 + 5, name, "name")];
}

// The terminal states are drawn as one group; what all of them have is drawn once, from the group.
function lifecycle_picture({states, terminal: group, moves}) {
    const edges = edges_of(moves);
    const way = ({to, events}) => to + ": " + events.join(", ");
    const is_shared = (one) =>
        group.every((state) => edges.some((other) => other.from === state && way(other) === way(one)));
    const group_box = around(group.map((name) => places[name]));
    const boxes = [...states.map((name) => places[name]), group_box];
    const end_of = (name) => ({name, box: places[name]});
    const own = edges.filter((one) => !group.includes(one.from) || !is_shared(one));
    const shared = edges.filter((one) => one.from === group[0] && is_shared(one));
    const drawn = [
        ...own.flatMap(({from, to, events}) => edge(end_of(from), end_of(to), events, boxes)),
        ...shared.flatMap(({to, events}) => edge({name: "", box: group_box}, end_of(to), events, boxes)),
    ];
    const said = edges.map(({from, to, events}) => from + " to " + to + ": " + events.join(", ")).join(". ");
    const [x, y, width, height] = group_box;
    return shape(
        "svg",
        {
            role: "img",
            "aria-label": "States and the events that move a job. " + said + ".",
            width: 900,
            height: 634,
            viewBox: "0 0 900 634",
        },
        shape("rect", {x, y, width, height, rx: 8, class: "group"}),
        words_at(x + 10, y + 18, "terminal", "faint", "start"),
        ...states.flatMap((name) => state_box(name, group.includes(name))),
        ...drawn,
    );
}

// ---- The table: a grid of cells. Arrow keys move through it, and one cell is in the order of Tab.

function show_transition(cell) {
    by_id("transition").replaceChildren(
        element("strong", {}, cell.event + " in " + cell.state),
        (cell.next === cell.state ? ": " : " \u2192 " + cell.next + ": ") + cell.description,
    );
}

function cell_button(cell) {
    const kind =
        cell.next !== cell.state ? "moves" : ["refused", "in use", "not found"].includes(cell.kind) ? "refuses" : "";
    const short = cell.kind === "change" ? "" : cell.short;
    const text = cell.next === cell.state ? short : ("\u2192\u00a0" + cell.next + " " + short).trim();
    const show = () => show_transition(cell);
    return element(
        "td",
        {role: "gridcell"},
        element(
            "button",
            {
                type: "button",
                className: kind,
                tabIndex: -1,
                focus: show,
                mouseenter: show,
                click: show,
                "aria-label": cell.event + " in " + cell.state + ": " + text,
            },
            text,
        ),
    );
}

function move_in_grid(event, rows) {
    const row = rows.findIndex((cells) => cells.includes(event.target));
    const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
    if (row < 0 || step === undefined) {
        return;
    }
    event.preventDefault();
    const to = rows[row + step[0]]?.[rows[row].indexOf(event.target) + step[1]];
    if (to !== undefined) {
        event.target.tabIndex = -1;
        to.tabIndex = 0;
        to.focus();
    }
}

function lifecycle_table({states, events, cells}) {
    const made = table(
        "Transitions",
        ["event", ...states],
        events.map((event) => [event, ...cells.filter((cell) => cell.event === event).map(cell_button)]),
    );
    made.setAttribute("role", "grid");
    const rows = [...made.tBodies[0].rows].map((row) => [...row.querySelectorAll("button")]);
    rows[0][0].tabIndex = 0;
    made.addEventListener("keydown", (event) => move_in_grid(event, rows));
    return made;
}

// ---- What answers a stop: a row for each state, a column for each policy.

function stop_answer(stop) {
    const answer = stop.error === "" ? stop.status + " " + stop.answer : stop.status + " " + stop.error;
    return answer + (stop.after === stop.state ? "" : " \u2192\u00a0" + stop.after);
}

function stop_table({stops}) {
    const policy_of = (stop) => stop["stop-submitted"] + ", " + stop["stop-finished"];
    const policies = [...new Set(stops.map(policy_of))];
    const name_of = (stop) => stop.state + (stop.stop_requested ? " (was stopped)" : "");
    const names = [...new Set(stops.map(name_of))];
    const heads = policies.map((policy) => policy.replace(/(\w+), (\w+)/, "before: $1\nafter: $2"));
    return table(
        "Answers to a stop",
        ["state", ...heads],
        names.map((name) => [
            name,
            ...policies.map((policy) =>
                stop_answer(stops.find((stop) => name_of(stop) === name && policy_of(stop) === policy)),
            ),
        ]),
    );
}

function set_up_read(lifecycle) {
    by_id("picture").replaceChildren(lifecycle_picture(lifecycle));
    by_id("table").replaceChildren(lifecycle_table(lifecycle));
    by_id("stops").replaceChildren(stop_table(lifecycle));
}
