#include "host/signature/date.h"

#include <string.h>

#include "host/signature/bytes.h"

typedef struct civil_time {
    int year, month, day, hour, minute, second;
} civil_time;

/* Days from 1970-01-01: "days_from_civil" of Howard Hinnant's "chrono-compatible low-level date algorithms". */
static int64_t days_of(const civil_time *time)
{
    const int64_t year =
        time->year - (time->month <= 2) + 400; /* the era of 400 years is moved, so that none is negative */
    const int64_t era = year / 400;
    const int64_t year_of_era = year - era * 400;
    const int64_t day_of_year = (153 * (time->month + (time->month > 2 ? -3 : 9)) + 2) / 5 + time->day - 1;
    const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (era - 1) * 146097 + day_of_era - 719468;
}

/* The inverse, "civil_from_days". */
static void civil_of(int64_t days, civil_time *time)
{
    const int64_t z = days + 719468 + 146097;
    const int64_t era = z / 146097;
    const int64_t day_of_era = z - era * 146097;
    const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * day_of_year + 2) / 153;
    time->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    time->month = (int)(month < 10 ? month + 3 : month - 9);
    time->year = (int)(year_of_era + era * 400 - 400 + (time->month <= 2));
}

static bool is_in_calendar(const civil_time *time)
{
    static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (time->month < 1 || time->month > 12 || time->day < 1 || time->hour > 23 || time->minute > 59 ||
        time->second > 59) {
        return false;
    }
    const bool leap = time->year % 4 == 0 && (time->year % 100 != 0 || time->year % 400 == 0);
    return time->day <= lengths[time->month - 1] + (leap && time->month == 2);
}

/*
 * Reads a text by a pattern of the same length: y o d h i s stand for digits of the year, month, day, hour, minute and
 * second, N for a letter of the name of the month, w for one of that of the day; all else for itself.
 */
static bool matches(tjob_text text, const char *pattern, civil_time *time, char name[3])
{
    int letters = 0;
    if (text.bytes != strlen(pattern)) {
        return false;
    }
    for (size_t i = 0; i < text.bytes; i++) {
        const char c = text.data[i];
        static const char fields[] = "yodhis";
        const char *field = strchr(fields, pattern[i]);
        if (field != NULL) {
            int *const numbers[] = {&time->year, &time->month, &time->day, &time->hour, &time->minute, &time->second};
            int *number = numbers[field - fields];
            if (!tjob__signature_is_digit(c)) {
                return false;
            }
            *number = *number * 10 + (c - '0');
        } else if (pattern[i] == 'N') {
            name[letters++] = c;
        } else if (pattern[i] != 'w' && pattern[i] != c) {
            return false;
        }
    }
    return true;
}

/* The number of a month by its name, in the right case; 0 if it is none. */
static int month_of(const char name[3])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++) {
        if (memcmp(months + (size_t)i * 3, name, 3) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* Whether a text begins with the name of the day of the week that it is on that day. */
static bool is_day_of_week(tjob_text text, int64_t days)
{
    static const char names[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
    const int64_t day = ((days % 7) + 7) % 7;
    return memcmp(text.data, names + day * 3, 3) == 0;
}

bool tjob__signature_date_read(tjob_text text, int64_t *unix_s)
{
    static const char *const patterns[] = {"yyyyooddThhiissZ", "www, dd NNN yyyy hh:ii:ss GMT",
                                           "www, dd NNN yyyy hh:ii:ss -0000", "www, dd NNN yyyy hh:ii:ss +0000"};
    for (unsigned i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        civil_time time = {0};
        char name[3];
        if (!matches(text, patterns[i], &time, name)) {
            continue;
        }
        if (i != 0) {
            time.month = month_of(name);
        }
        if (!is_in_calendar(&time)) {
            return false;
        }
        const int64_t days = days_of(&time);
        *unix_s = days * 86400 + time.hour * 3600 + time.minute * 60 + time.second;
        return i == 0 || is_day_of_week(text, days);
    }
    return false;
}

static void write_digits(char *out, int digits, int64_t number)
{
    while (digits != 0) {
        out[--digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

void tjob__signature_date_write(int64_t unix_s, char out[SIGNATURE_DATE_BYTES])
{
    civil_time time = {0};
    if (unix_s < SIGNATURE_DATE_MIN) {
        unix_s = SIGNATURE_DATE_MIN;
    }
    if (unix_s > SIGNATURE_DATE_MAX) {
        unix_s = SIGNATURE_DATE_MAX;
    }
    const int64_t from_year_0 = unix_s - SIGNATURE_DATE_MIN;
    const int64_t second = from_year_0 % 86400;
    civil_of(from_year_0 / 86400 + SIGNATURE_DATE_MIN / 86400, &time);
    write_digits(out, 4, time.year);
    write_digits(out + 4, 2, time.month);
    write_digits(out + 6, 2, time.day);
    out[8] = 'T';
    write_digits(out + 9, 2, second / 3600);
    write_digits(out + 11, 2, second / 60 % 60);
    write_digits(out + 13, 2, second % 60);
    out[15] = 'Z';
}
