/*
 * Pictures in SVG, on standard output: whole numbers and fixed words alone, so that a picture is always the same bytes.
 */
#ifndef TJOB_TESTS_PICTURES_SVG_H
#define TJOB_TESTS_PICTURES_SVG_H

#include <stdbool.h>

/* Both ways are alike to those who lay out: at[X] and size[X] are across the page, at[Y] and size[Y] are down it. */
enum axis { X, Y, AXES };

struct rect {
    int at[AXES];
    int size[AXES];
};

/* What a shape is about; each has its own colours, in the light and in the dark. */
enum tone { TONE_PLAIN, TONE_MAIN, TONE_LOST };

enum border { BORDER_SINGLE, BORDER_DOUBLE, BORDER_DASHED, BORDER_GROUP };

enum face { FACE_LABEL, FACE_NAME, FACE_NOTE };

enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

/* How a line ends: at the head of an arrow, or at a cross, where what it stands for never arrives. */
enum line_end { END_ARROW, END_CROSS, END_NOTHING };

struct line {
    int from[AXES];
    int to[AXES];
    enum tone tone;
    enum line_end end;
    bool dashed;
};

/* How far the baselines of two lines of text are apart, and how wide a character of a label is in a wide typeface. */
enum { TEXT_LINE = 16, TEXT_CHARACTER = 8 };

/*
 * Begins a picture and its description, for those who do not see it, which goes on with svg_describe, piece by piece,
 * to svg_described. Shapes come after that.
 */
void svg_begin(int width, int height, const char *title, const char *description);
void svg_describe(const char *text);
void svg_described(void);
void svg_end(void);
void svg_rect(const struct rect *rect, enum border border, enum tone tone);
void svg_line(const struct line *line);

/* A line of text, its baseline at `y`. */
void svg_text(int x, int y, enum anchor anchor, enum face face, const char *text);

/* ---- Text of several lines ------------------------------------------------------------------------------------- */

enum { LINES_MAX = 12, LINE_BYTES_MAX = 64 };

struct lines {
    int count;
    char text[LINES_MAX][LINE_BYTES_MAX];
};

/* Breaks a text between phrases, else between words, into lines of at most `limit` characters where it can. */
struct lines lines_of(const char *text, int limit);

/* Lines, the baseline of the last at `y`. */
void svg_lines(int x, int y, enum anchor anchor, enum face face, const struct lines *lines);

#endif
