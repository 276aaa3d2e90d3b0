#include "docs/pictures/svg.h"

#include <stdio.h>
#include <string.h>

static const char *const tones[] = {[TONE_PLAIN] = "plain", [TONE_MAIN] = "main", [TONE_LOST] = "lost"};

/* ---- The whole ------------------------------------------------------------------------------------------------- */

struct colours {
    const char *text;
    const char *note;
    const char *group;
    struct {
        const char *fill;
        const char *stroke;
    } tones[3];
};

static const struct colours light = {
    "#1f2328", "#59636e", "#d1d9e0", {{"#f6f8fa", "#656d76"}, {"#ddf4ff", "#0969da"}, {"#fff8c5", "#9a6700"}}};
static const struct colours dark = {
    "#e6edf3", "#9198a1", "#3d444d", {{"#1c2128", "#8b949e"}, {"#0d2d4f", "#58a6ff"}, {"#372a08", "#d29922"}}};

static void print_colours(const struct colours *colours)
{
    printf("text { fill: %s }\n.note { fill: %s }\n.group { stroke: %s }\n", colours->text, colours->note,
           colours->group);
    for (int tone = TONE_PLAIN; tone <= TONE_LOST; tone++) {
        const char *stroke = colours->tones[tone].stroke;
        printf("rect.%s { fill: %s; stroke: %s }\npath.%s { stroke: %s }\nmarker .%s { fill: %s; stroke: none }\n",
               tones[tone], colours->tones[tone].fill, stroke, tones[tone], stroke, tones[tone], stroke);
    }
}

static void print_style(void)
{
    printf("<style>\n"
           "text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif }\n"
           ".name { font-weight: 600 }\n"
           ".note { font-size: 12px }\n"
           "rect { stroke-width: 1.5 }\n"
           "path { fill: none; stroke-width: 1.5 }\n"
           "path.main, rect.main { stroke-width: 2.5 }\n"
           ".dashed { stroke-dasharray: 5 4 }\n");
    print_colours(&light);
    printf("@media (prefers-color-scheme: dark) {\n");
    print_colours(&dark);
    printf("}\nrect.inner, rect.group { fill: none }\n</style>\n");
}

/* Heads of arrows: of one size, whatever the line's width. */
static void print_markers(void)
{
    printf("<defs>\n");
    for (int tone = TONE_PLAIN; tone <= TONE_LOST; tone++) {
        printf(
            "<marker id=\"head-%s\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"10\" markerHeight=\"10\" "
            "markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"%s\" d=\"M0 0 10 5 0 10Z\"/></marker>\n",
            tones[tone], tones[tone]);
    }
    printf("</defs>\n");
}

static void print_escaped(const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            printf("&lt;");
            break;
        case '&':
            printf("&amp;");
            break;
        default:
            putchar(*text);
        }
    }
}

void svg_begin(int width, int height, const char *title, const char *description)
{
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
           "aria-labelledby=\"title description\">\n<title id=\"title\">",
           width, height, width, height);
    print_escaped(title);
    printf("</title>\n<desc id=\"description\">");
    print_escaped(description);
    printf("\n");
}

void svg_describe(const char *text)
{
    print_escaped(text);
}

void svg_described(void)
{
    printf("</desc>\n");
    print_style();
    print_markers();
}

void svg_end(void)
{
    printf("</svg>\n");
}

/* ---- Shapes ---------------------------------------------------------------------------------------------------- */

enum { INSET = 4, RADIUS = 8, CROSS = 5 };

static void print_rect(const struct rect *rect, int inset, const char *tone, const char *kind)
{
    printf("<rect class=\"%s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>\n", tone, kind,
           rect->at[X] + inset, rect->at[Y] + inset, rect->size[X] - 2 * inset, rect->size[Y] - 2 * inset,
           RADIUS - inset);
}

void svg_rect(const struct rect *rect, enum border border, enum tone tone)
{
    static const char *const kinds[] = {
        [BORDER_SINGLE] = "", [BORDER_DOUBLE] = "", [BORDER_DASHED] = " dashed", [BORDER_GROUP] = "group"};
    print_rect(rect, 0, border == BORDER_GROUP ? "" : tones[tone], kinds[border]);
    if (border == BORDER_DOUBLE) {
        print_rect(rect, INSET, tones[tone], " inner");
    }
}

void svg_line(const struct line *line)
{
    printf("<path class=\"%s%s\" d=\"M%d %d %d %d\"", tones[line->tone], line->dashed ? " dashed" : "", line->from[X],
           line->from[Y], line->to[X], line->to[Y]);
    if (line->end == END_ARROW) {
        printf(" marker-end=\"url(#head-%s)\"", tones[line->tone]);
    }
    printf("/>\n");
    if (line->end == END_CROSS) {
        printf("<path class=\"%s\" d=\"M%d %dl%d %dm0 %dl%d %d\"/>\n", tones[line->tone], line->to[X] - CROSS,
               line->to[Y] - CROSS, 2 * CROSS, 2 * CROSS, -2 * CROSS, -2 * CROSS, 2 * CROSS);
    }
}

/* ---- Text ------------------------------------------------------------------------------------------------------ */

void svg_text(int x, int y, enum anchor anchor, enum face face, const char *text)
{
    static const char *const anchors[] = {
        [ANCHOR_START] = "", [ANCHOR_MIDDLE] = " text-anchor=\"middle\"", [ANCHOR_END] = " text-anchor=\"end\""};
    static const char *const faces[] = {
        [FACE_LABEL] = "", [FACE_NAME] = " class=\"name\"", [FACE_NOTE] = " class=\"note\""};
    printf("<text x=\"%d\" y=\"%d\"%s%s>", x, y, anchors[anchor], faces[face]);
    print_escaped(text);
    printf("</text>\n");
}

/* How much of a text is to come on one line: up to where a phrase ends, if a line can hold that, else a word. */
static int piece_of(const char *text, int limit)
{
    const char *end = strpbrk(text, ",;:");
    const int phrase = end != NULL ? (int)(end - text) + 1 : (int)strlen(text);
    return phrase <= limit ? phrase : (int)strcspn(text, " ");
}

struct lines lines_of(const char *text, int limit)
{
    struct lines lines = {.count = 0};
    int length = 0;
    while (*text != '\0') {
        const int piece = piece_of(text, limit);
        if (lines.count == 0 || length + 1 + piece > limit) {
            if (lines.count == LINES_MAX) {
                break;
            }
            lines.count++;
            length = 0;
        }
        char *line = lines.text[lines.count - 1];
        snprintf(line + length, (size_t)(LINE_BYTES_MAX - length), "%s%.*s", length != 0 ? " " : "", piece, text);
        length = (int)strlen(line);
        text += piece;
        text += strspn(text, " ");
    }
    return lines;
}

void svg_lines(int x, int y, enum anchor anchor, enum face face, const struct lines *lines)
{
    for (int i = 0; i < lines->count; i++) {
        svg_text(x, y - (lines->count - 1 - i) * TEXT_LINE, anchor, face, lines->text[i]);
    }
}
