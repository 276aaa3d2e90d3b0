/* The system's disk: what its functions return, on files that are there and on what is none. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/disk.h"
#include "support/folder.h"
#include "support/suite.h"

enum { CLOSED = 1000 /* a descriptor that is not open */ };

static const struct tjob_disk *const disk = &disk_of_system;
static struct folder folder;

/* A new file in a new folder, open. */
static int make_file(void)
{
    folder_make(&folder);
    const int file = disk->open(NULL, folder_file(&folder, "file"), DISK_CREATE);
    ck_assert_int_ge(file, 0);
    return file;
}

static void remove_file(int file)
{
    disk->close(NULL, file);
    folder_remove(&folder);
}

START_TEST(a_file_is_made_once_and_opened_after_that)
{
    folder_make(&folder);
    ck_assert_int_eq(disk->open(NULL, folder_file(&folder, "file"), DISK_EXISTING), -ENOENT);
    const int made = disk->open(NULL, folder_file(&folder, "file"), DISK_CREATE);
    ck_assert_int_ge(made, 0);
    ck_assert_int_eq(disk->open(NULL, folder_file(&folder, "file"), DISK_CREATE), -EEXIST);
    const int opened = disk->open(NULL, folder_file(&folder, "file"), DISK_EXISTING);
    ck_assert_int_ge(opened, 0);
    ck_assert_int_ne(fcntl(made, F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_int_ne(fcntl(opened, F_GETFD) & FD_CLOEXEC, 0);
    disk->close(NULL, opened);
    ck_assert_int_eq(fcntl(opened, F_GETFD), -1);
    remove_file(made);
}
END_TEST

START_TEST(bytes_come_back_from_where_they_were_written)
{
    const int file = make_file();
    char bytes[8] = {0};
    ck_assert_int_eq(disk->resize(NULL, file, 100), 0);
    ck_assert_int_eq(disk->write(NULL, file, 90, "12345678", 8), 8);
    ck_assert_int_eq(disk->sync(NULL, file), 0);
    ck_assert_int_eq(disk->size(NULL, file), 100);
    ck_assert_int_eq(disk->read(NULL, file, 92, bytes, 8), 8);
    ck_assert_mem_eq(bytes, "345678\0\0", 8);
    ck_assert_int_eq(disk->read(NULL, file, 98, bytes, 8), 2);
    errno = EIO; /* of which nothing is told where nothing has failed */
    ck_assert_int_eq(disk->read(NULL, file, 100, bytes, 8), 0);
    ck_assert_int_eq(disk->write(NULL, file, 100, bytes, 0), 0);
    ck_assert_int_eq(disk->write(NULL, file, 100, "12345678", 8), 8);
    ck_assert_int_eq(disk->size(NULL, file), 108);
    remove_file(file);
}
END_TEST

START_TEST(a_failure_is_the_error_below_0)
{
    char byte = 0;
    const int file = make_file();
    ck_assert_int_eq(disk->read(NULL, CLOSED, 0, &byte, 1), -EBADF);
    ck_assert_int_eq(disk->write(NULL, CLOSED, 0, &byte, 1), -EBADF);
    ck_assert_int_eq(disk->sync(NULL, CLOSED), -EBADF);
    ck_assert_int_eq(disk->size(NULL, CLOSED), -EBADF);
    ck_assert_int_eq(disk->resize(NULL, CLOSED, 1), -EBADF);
    ck_assert_int_eq(disk->lock(NULL, CLOSED, DISK_LOCK, 0, 1), -EBADF);
    ck_assert_int_eq(disk->names(NULL, folder_file(&folder, "file"), CLOSED), -EBADF);
    ck_assert_int_eq(disk->names(NULL, folder_file(&folder, "file/below"), file), -ENOTDIR);
    ck_assert_int_eq(disk->inherit(NULL, file, CLOSED), -EBADF);
    ck_assert_int_eq(disk->inherit(NULL, CLOSED, file), -EBADF);
    ck_assert_int_eq(disk->rename(NULL, folder_file(&folder, "missing"), folder.path), -ENOENT);
    ck_assert_int_eq(disk->remove(NULL, folder_file(&folder, "missing")), -ENOENT);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "missing/file")), -ENOENT);
    remove_file(file);
}
END_TEST

START_TEST(a_path_names_a_file_until_it_is_given_to_another)
{
    const int file = make_file();
    char path[FOLDER_PATH_BYTES_MAX + 16];
    snprintf(path, sizeof path, "%s", folder_file(&folder, "file"));
    const int other = disk->open(NULL, folder_file(&folder, "other"), DISK_CREATE);
    ck_assert_int_eq(disk->names(NULL, path, file), DISK_NAMES_ALONE);
    ck_assert_int_eq(disk->names(NULL, path, other), DISK_NAMES_ANOTHER);
    ck_assert_int_eq(disk->names(NULL, "/dev/null", file), DISK_NAMES_ANOTHER);
    ck_assert_int_eq(disk->rename(NULL, folder_file(&folder, "other"), path), 0);
    ck_assert_int_eq(disk->names(NULL, path, file), DISK_NAMES_ANOTHER);
    ck_assert_int_eq(disk->names(NULL, path, other), DISK_NAMES_ALONE);
    ck_assert_int_eq(disk->remove(NULL, path), 0);
    ck_assert_int_eq(disk->names(NULL, path, other), DISK_NAMES_ANOTHER);
    disk->close(NULL, other);
    remove_file(file);
}
END_TEST

/* A symbolic link is not the name of the file that it leads to; a hard link is one more. */
START_TEST(a_path_does_not_name_a_file_alone_beside_a_link)
{
    const int file = make_file();
    char path[FOLDER_PATH_BYTES_MAX + 16];
    snprintf(path, sizeof path, "%s", folder_file(&folder, "file"));
    const char *link_path = folder_file(&folder, "link");
    ck_assert_int_eq(symlink("file", link_path), 0);
    ck_assert_int_eq(disk->names(NULL, link_path, file), DISK_NAMES_SHARED);
    ck_assert_int_eq(disk->names(NULL, path, file), DISK_NAMES_ALONE);
    ck_assert_int_eq(disk->remove(NULL, link_path), 0);
    ck_assert_int_eq(link(path, link_path), 0);
    ck_assert_int_eq(disk->names(NULL, link_path, file), DISK_NAMES_SHARED);
    ck_assert_int_eq(disk->names(NULL, path, file), DISK_NAMES_SHARED);
    ck_assert_int_eq(disk->remove(NULL, link_path), 0);
    ck_assert_int_eq(disk->names(NULL, path, file), DISK_NAMES_ALONE);
    ck_assert_int_eq(symlink("nothing", link_path), 0);
    ck_assert_int_eq(disk->names(NULL, link_path, file), DISK_NAMES_ANOTHER);
    remove_file(file);
}
END_TEST

/* Only the superuser can try it with another owner. */
START_TEST(a_file_gets_the_owner_and_the_permissions_of_another)
{
    enum { STRANGER = 12345 };
    struct stat wanted;
    struct stat found;
    (void)umask(022);
    const int file = make_file();
    const int made = disk->open(NULL, folder_file(&folder, "new"), DISK_CREATE_PRIVATE);
    ck_assert_int_eq(fstat(file, &found), 0);
    ck_assert_uint_eq(found.st_mode & 07777, 0644);
    ck_assert_int_eq(fstat(made, &found), 0);
    ck_assert_uint_eq(found.st_mode & 07777, 0600);
    ck_assert_int_eq(disk->open(NULL, folder_file(&folder, "new"), DISK_CREATE_PRIVATE), -EEXIST);
    ck_assert(geteuid() != 0 || fchown(file, STRANGER, STRANGER + 1) == 0);
    ck_assert_int_eq(fchmod(file, 02664), 0);
    ck_assert_int_eq(fstat(file, &wanted), 0);
    ck_assert_int_eq(disk->inherit(NULL, made, file), 0);
    ck_assert_int_eq(fstat(made, &found), 0);
    ck_assert_uint_eq(found.st_mode, wanted.st_mode);
    ck_assert_uint_eq(found.st_uid, wanted.st_uid);
    ck_assert_uint_eq(found.st_gid, wanted.st_gid);
    disk->close(NULL, made);
    remove_file(file);
}
END_TEST

/* The folder of a path, of a name alone, and of a name in the root. */
START_TEST(the_folder_that_a_path_is_in_is_synced)
{
    const int file = make_file();
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "file")), 0);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "missing")), 0);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "file/none")), -ENOTDIR);
    ck_assert_int_eq(disk->sync_folder(NULL, "file"), 0);
    ck_assert_int_eq(disk->sync_folder(NULL, "/file"), 0);
    remove_file(file);
}
END_TEST

/* Even between two openings of one process; and each byte by itself. */
START_TEST(a_lock_keeps_others_out)
{
    const int file = make_file();
    const int other = disk->open(NULL, folder_file(&folder, "file"), DISK_EXISTING);
    ck_assert_int_eq(disk->lock(NULL, file, DISK_LOCK, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, file, DISK_LOCK, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, other, DISK_LOCK, 0, 11), -EAGAIN);
    ck_assert_int_eq(disk->lock(NULL, other, DISK_LOCK, 19, 1), -EAGAIN);
    ck_assert_int_eq(disk->lock(NULL, other, DISK_LOCK, 0, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, other, DISK_LOCK, 20, 1), 0);
    ck_assert_int_eq(disk->lock(NULL, file, DISK_UNLOCK, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, other, DISK_LOCK, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, file, DISK_LOCK, 10, 10), -EAGAIN);
    disk->close(NULL, other);
    ck_assert_int_eq(disk->lock(NULL, file, DISK_LOCK, 10, 10), 0);
    remove_file(file);
}
END_TEST

START_TEST(a_process_has_its_number_and_can_wait)
{
    struct timespec begin;
    struct timespec end;
    ck_assert_int_eq(disk->process(NULL), getpid());
    clock_gettime(CLOCK_MONOTONIC, &begin);
    disk->pause(NULL, 2000);
    clock_gettime(CLOCK_MONOTONIC, &end);
    ck_assert_int_ge((end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec, 2000000);
}
END_TEST

RUN_TESTS("system_disk", {a_file_is_made_once_and_opened_after_that, 0},
          {bytes_come_back_from_where_they_were_written, 0}, {a_failure_is_the_error_below_0, 0},
          {a_path_names_a_file_until_it_is_given_to_another, 0}, {a_path_does_not_name_a_file_alone_beside_a_link, 0},
          {a_file_gets_the_owner_and_the_permissions_of_another, 0}, {the_folder_that_a_path_is_in_is_synced, 0},
          {a_lock_keeps_others_out, 0}, {a_process_has_its_number_and_can_wait, 0})
