// The sequence diagram: a line for each actor, the store in the middle, and a row for each step.

const svg_namespace = "http://www.w3.org/2000/svg";

function shape(name, attributes = {}, ...children) {
    const made = document.createElementNS(svg_namespace, name);
    for (const [key, value] of Object.entries(attributes)) {
        made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
}

const words_at = (x, y, words, kind = "", anchor = "middle") =>
    shape("text", {x, y, class: kind, "text-anchor": anchor}, words);

// A line with a head at its end; without one where it ends nowhere.
function arrow(x1, y1, x2, y2, kind = "", head = true) {
    const [dx, dy] = [Math.sign(x2 - x1), Math.sign(y2 - y1)];
    const [bx, by] = [x2 - 9 * dx, y2 - 9 * dy];
    const line = shape("path", {d: `M${x1} ${y1} ${head ? `${bx} ${by}` : `${x2} ${y2}`}`, class: kind});
    const tip = `M${x2} ${y2} ${bx + 4.5 * dy} ${by + 4.5 * dx} ${bx - 4.5 * dy} ${by - 4.5 * dx}Z`;
    return head ? [line, shape("path", {d: tip, class: "head " + kind.replace("dashed", "").trim()})] : [line];
}

const cross = (x, y, kind) =>
    shape("path", {d: `M${x - 5} ${y - 5} ${x + 5} ${y + 5}M${x - 5} ${y + 5} ${x + 5} ${y - 5}`, class: kind});

const LANE = 190;
const LINE = 17;

// The lanes: of the actors that take part, with the store between trainers and supervisors.
function lanes_of(all) {
    const active = new Set(all.steps.map((step) => step.id));
    const before = all.actors.filter((actor) => ["client", "trainer"].includes(actor.kind) && active.has(actor.id));
    const after = all.actors.filter((actor) => ["supervisor", "host"].includes(actor.kind) && active.has(actor.id));
    const clock = active.has("clock") ? [{id: "clock", name: "clock"}] : [];
    return [...before, {id: "store", name: "store"}, ...after, ...clock];
}

// An answer in the few words for which there is room: state and version of a record, and how the operation ended.
const short_answer = (answer) =>
    answer
        .split("; ")
        .map((part) => part.split(", ").slice(0, 2).join(", "))
        .join("; ");

const lost_kinds = {lost: "not applied", "lost-applied": "applied", "lost-late": "in flight"};

// A step between an actor and the store: what it asks, and what it is answered. An arrow that is lost ends in a cross.
function exchange(step, x, store, y) {
    const lost = lost_kinds[step.step.split(".")[1]];
    const [middle, near] = [(x + store) / 2, store - 16 * Math.sign(store - x)];
    const reach = lost === undefined || lost === "applied" ? store : lost === "in flight" ? near : middle;
    const request = step.action.replace(/^[^:]*: /, "");
    const drawn = [
        ...arrow(x, y + LINE, reach, y + LINE, lost === undefined ? "main" : "lost", reach === store),
        words_at(middle, y + LINE - 5, request, "halo"),
    ];
    if (reach !== store) {
        drawn.push(cross(reach, y + LINE, "lost"));
    }
    if (lost === "applied") {
        drawn.push(
            ...arrow(store, y + 2.4 * LINE, middle, y + 2.4 * LINE, "lost dashed", false),
            cross(middle, y + 2.4 * LINE, "lost"),
        );
    } else if (lost === undefined) {
        drawn.push(...arrow(store, y + 2.4 * LINE, x, y + 2.4 * LINE, "dashed"));
    }
    const answer = short_answer(step.answer).split("; ");
    answer.forEach((part, i) =>
        drawn.push(
            words_at(
                middle,
                y + (2.4 + i) * LINE + (i === 0 ? -4 : -1),
                part,
                lost === undefined ? "halo" : "lost halo",
            ),
        ),
    );
    return {drawn, height: (2.4 + (answer.length - 1) * 1.2) * LINE};
}

// A step of an actor alone: words on its line.
function event_alone(step, x, y) {
    const words = [
        step.action.replace(/^[^:]*: (?=begins)/, (event) => event.replace(": ", " ")),
        short_answer(step.answer),
    ];
    const text = words.filter((word) => word !== "").join(": ");
    const width = Math.max(56, text.length * 6.4 + 16);
    const crashed = step.step.endsWith(".crash");
    const left = Math.max(4, x - width / 2);
    return {
        drawn: [
            shape("rect", {x: left, y: y + 4, width, height: LINE + 4, rx: 6, class: crashed ? "lost" : ""}),
            words_at(left + width / 2, y + LINE + 2, text),
        ],
        height: LINE + 4,
    };
}

// The state of the record after a step that changed it, on the line of the store.
function change(step, store, y) {
    const text = short_answer(step.after);
    const width = text.length * 8.2 + 20;
    return [
        shape("rect", {x: store - width / 2, y, width, height: LINE + 5, rx: 11, class: "main"}),
        words_at(store, y + LINE - 1, text, "name"),
    ];
}

function row_of(step, number, lanes, place) {
    const at = (id) =>
        16 +
        LANE / 2 +
        LANE *
            Math.max(
                0,
                lanes.findIndex((lane) => lane.id === id),
            );
    const store = at("store");
    const alone = step.partner !== "store" || step.id === "store";
    const {drawn, height} = alone
        ? event_alone(step, at(step.id), place.y)
        : exchange(step, at(step.id), store, place.y);
    let bottom = place.y + height;
    if (step.after !== step.before) {
        drawn.push(...change(step, store, bottom + 6));
        bottom += LINE + 11;
    }
    if (step.violates.length !== 0) {
        drawn.push(words_at(8, bottom + LINE, "\u2717 violates " + step.violates.join(", "), "bad", "start"));
        bottom += LINE + 4;
    }
    const group = shape("g", {class: number > place.played ? "undone" : ""});
    const back = shape("rect", {
        x: 0,
        y: place.y - 3,
        width: place.width,
        height: bottom - place.y + 9,
        rx: 4,
        class: number === place.played ? "row here" : "row",
    });
    group.append(back, ...drawn);
    group.addEventListener("click", () => place.go_to(number));
    return {group, bottom: bottom + 12};
}

// Returns the diagram of all steps; those that are undone are faint. A click on a row goes to its step.
function sequence_diagram(all, played, go_to) {
    const lanes = lanes_of(all);
    const width = 32 + LANE * lanes.length;
    const rows = [];
    let y = 56;
    all.steps.forEach((step, i) => {
        const {group, bottom} = row_of(step, i + 1, lanes, {y, width, played, go_to});
        rows.push(group);
        y = bottom;
    });
    const lines = lanes
        .map((lane, i) => 16 + LANE / 2 + LANE * i)
        .map((x) => shape("path", {d: `M${x} 40 ${x} ${y}`, class: "life"}));
    const names = lanes.map((lane, i) =>
        shape(
            "g",
            {},
            shape("rect", {
                x: 16 + LANE * i + 20,
                y: 8,
                width: LANE - 40,
                height: 30,
                rx: 8,
                class: lane.id === "store" ? "main" : "",
            }),
            words_at(16 + LANE / 2 + LANE * i, 28, lane.name, "name"),
        ),
    );
    const label = "Sequence diagram of " + count_of(all.steps.length, "step") + ": what the list above says";
    return [
        shape(
            "svg",
            {role: "img", "aria-label": label, width, height: y + 8, viewBox: `0 0 ${width} ${y + 8}`},
            ...lines,
            ...rows,
            ...names,
        ),
    ];
}
