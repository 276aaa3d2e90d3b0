/* The system's disk: what its functions return, on files that are there and on what is none. */
#define _GNU_SOURCE /* for mount and unshare */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "host/file_store/posix_disk.h"
#include "support/child.h"
#include "support/folder.h"
#include "support/suite.h"

enum { CLOSED = 1000 /* a descriptor that is not open */ };

static const struct tjob_disk *const disk = &tjob__posix_disk;
static struct folder folder;
static int next_descriptor; /* once the file of a test is open */

static int lowest_free_descriptor(void)
{
    const int lowest = open("/", O_PATH);
    (void)close(lowest);
    return lowest;
}

static int create_file(void)
{
    const int file = disk->open(NULL, folder_file(&folder, "file"), DISK_CREATE);
    ck_assert_int_ge(file, 0);
    next_descriptor = lowest_free_descriptor();
    return file;
}

/* A new file in a new folder, open. */
static int make_file(void)
{
    folder_make(&folder);
    return create_file();
}

/* No function has left a descriptor open. */
static void remove_file(int file)
{
    ck_assert_int_eq(lowest_free_descriptor(), next_descriptor);
    disk->close(NULL, file);
    folder_remove(&folder);
}

START_TEST(a_file_is_made_once_and_opened_after_that)
{
    folder_make(&folder);
    ck_assert_int_eq(disk->open(NULL, folder_file(&folder, "file"), DISK_EXISTING), -ENOENT);
    const int made = create_file();
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
    ck_assert_int_eq(disk->sync_range(NULL, file, 90, "12345678", 8), 0);
    ck_assert_int_eq(disk->size(NULL, file), 100);
    ck_assert_int_eq(disk->read(NULL, file, 92, bytes, 8), 8);
    ck_assert_mem_eq(bytes, "345678\0\0", 8);
    ck_assert_int_eq(disk->read(NULL, file, 98, bytes, 8), 2);
    errno = EIO; /* of which nothing is reported where nothing has failed */
    ck_assert_int_eq(disk->read(NULL, file, 100, bytes, 8), 0);
    ck_assert_int_eq(disk->write(NULL, file, 100, bytes, 0), 0);
    ck_assert_int_eq(disk->write(NULL, file, 100, "12345678", 8), 8);
    ck_assert_int_eq(disk->size(NULL, file), 108);
    remove_file(file);
}
END_TEST

START_TEST(a_file_opens_again_by_its_path_and_no_other_does)
{
    const int file = make_file();
    const int again = disk->reopen(NULL, folder_file(&folder, "file"), file);
    char bytes[2];
    ck_assert_int_ge(again, 0);
    ck_assert_int_ne(again, file);
    ck_assert_int_eq(disk->write(NULL, again, 0, "ab", 2), 2);
    ck_assert_int_eq(disk->read(NULL, file, 0, bytes, 2), 2);
    ck_assert_mem_eq(bytes, "ab", 2);
    disk->close(NULL, again);
    ck_assert_int_eq(disk->reopen(NULL, folder_file(&folder, "file"), CLOSED), -EBADF);
    const int other = disk->open(NULL, folder_file(&folder, "other"), DISK_CREATE);
    ck_assert_int_ge(other, 0);
    ck_assert_int_eq(disk->reopen(NULL, folder_file(&folder, "other"), file), -ENOENT);
    disk->close(NULL, other);
    ck_assert_int_eq(disk->remove(NULL, folder_file(&folder, "other")), 0);
    ck_assert_int_eq(disk->reopen(NULL, folder_file(&folder, "other"), file), -ENOENT);
    remove_file(file);
}
END_TEST

START_TEST(a_failure_is_the_error_below_0)
{
    char byte = 0;
    char long_name[300] = {0};
    const int file = make_file();
    ck_assert_int_eq(disk->read(NULL, CLOSED, 0, &byte, 1), -EBADF);
    ck_assert_int_eq(disk->write(NULL, CLOSED, 0, &byte, 1), -EBADF);
    ck_assert_int_eq(disk->sync(NULL, CLOSED), -EBADF);
    ck_assert_int_eq(disk->sync_range(NULL, CLOSED, 0, &byte, 1), -EBADF);
    ck_assert_int_eq(disk->size(NULL, CLOSED), -EBADF);
    ck_assert_int_eq(disk->resize(NULL, CLOSED, 1), -EBADF);
    ck_assert_int_eq(disk->lock(NULL, CLOSED, DISK_LOCK, 0, 1), -EBADF);
    ck_assert_int_eq(disk->names(NULL, folder_file(&folder, "file"), CLOSED), -EBADF);
    ck_assert_int_eq(disk->names(NULL, folder_file(&folder, "file/below"), file), DISK_NAMES_ANOTHER);
    memset(long_name, 'a', sizeof long_name - 1);
    ck_assert_int_eq(disk->names(NULL, long_name, file), -ENAMETOOLONG);
    ck_assert_int_eq(disk->inherit(NULL, file, CLOSED), -EBADF);
    ck_assert_int_eq(disk->inherit(NULL, CLOSED, file), -EBADF);
    ck_assert_int_eq(disk->rename(NULL, folder_file(&folder, "missing"), folder.path), -ENOENT);
    ck_assert_int_eq(disk->remove(NULL, folder_file(&folder, "missing")), -ENOENT);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "missing/file"), file), -ENOENT);
    ck_assert_ptr_null(disk->map(NULL, CLOSED, 4096));
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

/* An access list (acl(5)), as the system stores it. */
struct access_entry {
    uint16_t who;
    uint16_t permissions;
    uint32_t id;
};

struct access_list {
    uint32_t version;
    struct access_entry entries[5];
};

static const char list_name[] = "system.posix_acl_access";

/* The owner and a stranger may read and write the file, and its group may not, although its mode is 0660. */
static bool set_access_list(int file)
{
    enum { OWNER = 1, SOMEBODY = 2, GROUP = 4, MASK = 0x10, OTHERS = 0x20, ALL = 6, STRANGER = 12345 };
    static const struct access_list list = {.version = 2,
                                            .entries = {{OWNER, ALL, UINT32_MAX},
                                                        {SOMEBODY, ALL, STRANGER},
                                                        {GROUP, 0, UINT32_MAX},
                                                        {MASK, ALL, UINT32_MAX},
                                                        {OTHERS, 0, UINT32_MAX}}};
    if (fsetxattr(file, list_name, &list, sizeof list, 0) != 0) {
        printf("skipped: this file system has no access lists\n");
        return false;
    }
    return true;
}

static ssize_t access_list_of(int file, struct access_list *list)
{
    return fgetxattr(file, list_name, list, sizeof *list);
}

/* Otherwise its group would get what the mask of the list allows. */
START_TEST(a_file_gets_the_access_list_of_another_and_loses_its_own)
{
    struct access_list wanted;
    struct access_list found;
    struct stat status;
    const int file = make_file();
    const int made = disk->open(NULL, folder_file(&folder, "new"), DISK_CREATE_PRIVATE);
    const int plain = disk->open(NULL, folder_file(&folder, "plain"), DISK_CREATE_PRIVATE);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    if (set_access_list(file)) {
        ck_assert_int_eq(access_list_of(file, &wanted), sizeof wanted);
        ck_assert_int_eq(disk->inherit(NULL, made, file), 0);
        ck_assert_int_eq(access_list_of(made, &found), sizeof found);
        ck_assert_mem_eq(&found, &wanted, sizeof found);
        ck_assert_int_eq(fstat(made, &status), 0);
        ck_assert_uint_eq(status.st_mode & 07777, 0660);
        ck_assert_int_eq(disk->inherit(NULL, made, plain), 0);
        ck_assert_int_eq(access_list_of(made, &found), -1);
        ck_assert_int_eq(disk->inherit(NULL, ends[0], file), -EPERM); /* a pipe takes none */
    }
    ck_assert_int_eq(disk->inherit(NULL, plain, ends[0]), 0);         /* and has none */
    ck_assert_int_eq(disk->inherit(NULL, ends[1], ends[0]), -EINVAL); /* a pipe cannot be synced */
    (void)close(ends[0]);
    (void)close(ends[1]);
    disk->close(NULL, plain);
    disk->close(NULL, made);
    remove_file(file);
}
END_TEST

/* Such a list is lost on no way that says nothing: a disk without room for it is no file system without lists. */
START_TEST(a_list_that_is_too_long_for_the_disk_is_not_left_out)
{
    enum { OWNER = 1, SOMEBODY = 2, GROUP = 4, MASK = 0x10, OTHERS = 0x20, ALL = 6, STRANGERS = 507 };
    static struct {
        uint32_t version;
        struct access_entry entries[STRANGERS + 4];
    } list = {.version = 2, .entries = {{OWNER, ALL, UINT32_MAX}}};
    for (unsigned i = 1; i <= STRANGERS; i++) {
        list.entries[i] = (struct access_entry){SOMEBODY, ALL, i};
    }
    list.entries[STRANGERS + 1] = (struct access_entry){GROUP, 0, UINT32_MAX};
    list.entries[STRANGERS + 2] = (struct access_entry){MASK, ALL, UINT32_MAX};
    list.entries[STRANGERS + 3] = (struct access_entry){OTHERS, 0, UINT32_MAX};
    const int made = make_file();
    const int in_memory = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    if (fsetxattr(in_memory, list_name, &list, sizeof list, 0) != 0) {
        printf("skipped: no file system in memory has access lists here\n");
    } else if (set_access_list(made)) {
        const int result = disk->inherit(NULL, made, in_memory);
        ck_assert(result == -ENOSPC || (result == 0 && fgetxattr(made, list_name, NULL, 0) == (ssize_t)sizeof list));
    }
    (void)close(in_memory);
    remove_file(made);
}
END_TEST

static bool put(const char *path, const char *text)
{
    const int file = open(path, O_WRONLY);
    const bool is_put = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
    (void)close(file);
    return is_put;
}

/* A user namespace maps first no id, then that of the user, then that of the group as well. */
static int inherit_in_a_namespace(int made, int file)
{
    char users[32];
    char groups[32];
    snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getegid());
    if (unshare(CLONE_NEWUSER) != 0) {
        printf("skipped: this process may not make namespaces\n");
        return 0;
    }
    if (disk->inherit(NULL, made, file) != -EPERM) {
        return 1;
    }
    if (!put("/proc/self/uid_map", users) || disk->inherit(NULL, made, file) != -EPERM) {
        return 2;
    }
    return put("/proc/self/setgroups", "deny") && put("/proc/self/gid_map", groups) &&
                   disk->inherit(NULL, made, file) == 0
               ? 0
               : 3;
}

START_TEST(no_file_gets_an_owner_whom_a_user_namespace_hides)
{
    int status;
    const int file = make_file();
    const int made = disk->open(NULL, folder_file(&folder, "new"), DISK_CREATE_PRIVATE);
    const pid_t child = fork();
    if (child == 0) {
        end_child(inherit_in_a_namespace(made, file));
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    disk->close(NULL, made);
    remove_file(file);
}
END_TEST

/* The folder of a path, of a name alone, and where symbolic links lead; if the file is there, and nothing else. */
enum { HIDDEN = 12345, SHOWN = 65534 }; /* an owner, and the id that the system shows for one whom it hides */

/* A namespace that maps the id which it shows for all that it hides: it is possible to set that as the owner. */
START_TEST(an_id_that_may_stand_for_others_is_no_owner)
{
    static const char map[] = "0 0 1\n65534 65534 1\n";
    int ready[2];
    int go[2];
    int status;
    char path[64];
    const int file = make_file();
    const int made = disk->open(NULL, folder_file(&folder, "new"), DISK_CREATE_PRIVATE);
    ck_assert(pipe(ready) == 0 && pipe(go) == 0);
    const bool is_hidden = fchown(file, _i == 0 ? HIDDEN : 0, _i == 0 ? 0 : HIDDEN) == 0;
    const pid_t child = fork();
    if (child == 0) {
        const bool is_apart = unshare(CLONE_NEWUSER) == 0;
        char is_mapped = 0;
        (void)!write(ready[1], "", 1);
        (void)!read(go[0], &is_mapped, 1);
        end_child(is_apart && is_mapped == 1 && disk->inherit(NULL, made, file) != -EPERM ? 1 : 0);
    }
    ck_assert_int_eq(read(ready[0], path, 1), 1);
    snprintf(path, sizeof path, "/proc/%d/uid_map", (int)child);
    bool is_mapped = is_hidden && put(path, map);
    snprintf(path, sizeof path, "/proc/%d/gid_map", (int)child);
    is_mapped = is_mapped && put(path, map);
    if (!is_mapped) {
        printf("skipped: this process may not map ids\n");
    }
    ck_assert_int_eq(write(go[1], is_mapped ? "\1" : "", 1), 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    for (int i = 0; i < 2; i++) {
        (void)close(ready[i]);
        (void)close(go[i]);
    }
    disk->close(NULL, made);
    remove_file(file);
}
END_TEST

/* Outside of every namespace, that id is one like others. */
START_TEST(where_nothing_is_hidden_every_id_is_an_owner)
{
    char map[64] = "";
    struct stat status;
    const int file = make_file();
    const int made = disk->open(NULL, folder_file(&folder, "new"), DISK_CREATE_PRIVATE);
    const int maps = open("/proc/self/uid_map", O_RDONLY);
    const bool is_read = read(maps, map, sizeof map - 1) > 0;
    (void)close(maps);
    if (is_read && strstr(map, "4294967295") != NULL && fchown(file, SHOWN, SHOWN) == 0) {
        ck_assert_int_eq(disk->inherit(NULL, made, file), 0);
        ck_assert_int_eq(fstat(made, &status), 0);
        ck_assert_uint_eq(status.st_uid, SHOWN);
        ck_assert_uint_eq(status.st_gid, SHOWN);
    } else {
        printf("skipped: this process is in a user namespace, or may not change the owner of a file\n");
    }
    disk->close(NULL, made);
    remove_file(file);
}
END_TEST

START_TEST(the_folder_that_a_file_is_in_is_synced)
{
    char working[TJOB_FILE_STORE_PATH_BYTES_MAX];
    const int file = make_file();
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "file"), file), 0);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "missing"), file), -ENOENT);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "file"), CLOSED), -EBADF);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "file/none"), file), -ENOTDIR);
    ck_assert_int_eq(disk->sync_folder(NULL, "/", file), -ENOENT);
    ck_assert_int_eq(symlink("file", folder_file(&folder, "near")), 0);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "near"), file), 0);
    ck_assert_int_eq(mkdir(folder_file(&folder, "below"), 0700), 0);
    ck_assert_int_eq(symlink("../near", folder_file(&folder, "below/far")), 0);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "below/far"), file), 0);
    ck_assert_int_eq(symlink("below/round", folder_file(&folder, "round")), 0);
    ck_assert_int_eq(symlink("../round", folder_file(&folder, "below/round")), 0);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "round"), file), -ELOOP);
    ck_assert_int_eq(disk->names(NULL, folder_file(&folder, "round"), file), DISK_NAMES_ANOTHER);
    ck_assert_int_eq(disk->sync_folder(NULL, folder_file(&folder, "below"), file), -ENOENT);
    const int unsynced = open("/proc/version", O_RDONLY); /* in a file system without syncs */
    if (unsynced >= 0) {
        ck_assert_int_eq(disk->sync_folder(NULL, "/proc/version", unsynced), -EINVAL);
        (void)close(unsynced);
    }
    ck_assert_ptr_nonnull(getcwd(working, sizeof working));
    ck_assert_int_eq(chdir(folder.path), 0);
    ck_assert_int_eq(disk->sync_folder(NULL, "file", file), 0);
    ck_assert_int_eq(chdir(working), 0);
    ck_assert_int_eq(unlink(folder_file(&folder, "below/far")), 0);
    ck_assert_int_eq(unlink(folder_file(&folder, "below/round")), 0);
    ck_assert_int_eq(rmdir(folder_file(&folder, "below")), 0);
    remove_file(file);
}
END_TEST

/* Without a name, a file has none even where it stands as a mount: the superuser alone can see that. */
START_TEST(a_file_that_is_mounted_is_not_in_the_folder_where_it_stands)
{
    const int file = make_file();
    char path[FOLDER_PATH_BYTES_MAX + 16];
    snprintf(path, sizeof path, "%s", folder_file(&folder, "file"));
    const char *mounted = folder_file(&folder, "mounted");
    disk->close(NULL, disk->open(NULL, mounted, DISK_CREATE));
    if (mount(path, mounted, "none", MS_BIND, NULL) == 0) {
        ck_assert_int_eq(disk->names(NULL, mounted, file), DISK_NAMES_ALONE);
#ifndef TJOB_EMULATED
        ck_assert_int_eq(disk->sync_folder(NULL, mounted, file), -ESTALE);
#endif
        ck_assert_int_eq(disk->sync_folder(NULL, path, file), 0);
        ck_assert_int_eq(disk->remove(NULL, path), 0);
        ck_assert_int_eq(disk->names(NULL, mounted, file), DISK_NAMES_ANOTHER);
        ck_assert_int_eq(umount(mounted), 0);
    } else {
        printf("skipped: this process may not mount\n");
    }
    remove_file(file);
}
END_TEST

START_TEST(an_absolute_path_stays_where_it_is)
{
    char working[TJOB_FILE_STORE_PATH_BYTES_MAX];
    char path[TJOB_FILE_STORE_PATH_BYTES_MAX];
    char name[TJOB_FILE_STORE_PATH_BYTES_MAX + 1];
    const int file = make_file();
    ck_assert_int_eq(disk->absolute(NULL, "/a/b", path), 0);
    ck_assert_str_eq(path, "/a/b");
    ck_assert_ptr_nonnull(getcwd(working, sizeof working));
    ck_assert_int_eq(chdir(folder.path), 0);
    ck_assert_int_eq(disk->absolute(NULL, "file", path), 0);
    memset(name, 'a', sizeof name);
    const size_t room = TJOB_FILE_STORE_PATH_BYTES_MAX - 1 - (strlen(path) - strlen("file"));
    name[room] = '\0';
    char longest[TJOB_FILE_STORE_PATH_BYTES_MAX];
    ck_assert_int_eq(disk->absolute(NULL, name, longest), 0);
    ck_assert_uint_eq(strlen(longest), TJOB_FILE_STORE_PATH_BYTES_MAX - 1);
    name[room] = 'a';
    name[room + 1] = '\0';
    ck_assert_int_eq(disk->absolute(NULL, name, longest), -ENAMETOOLONG);
    ck_assert_int_eq(chdir(working), 0);
    ck_assert_int_eq(disk->names(NULL, path, file), DISK_NAMES_ALONE);
    remove_file(file);
}
END_TEST

START_TEST(where_the_working_folder_is_gone_nothing_is_absolute)
{
    char working[TJOB_FILE_STORE_PATH_BYTES_MAX];
    char path[TJOB_FILE_STORE_PATH_BYTES_MAX];
    const int file = make_file();
    ck_assert_ptr_nonnull(getcwd(working, sizeof working));
    ck_assert_int_eq(mkdir(folder_file(&folder, "gone"), 0700), 0);
    ck_assert_int_eq(chdir(folder_file(&folder, "gone")), 0);
    ck_assert_int_eq(rmdir(folder_file(&folder, "gone")), 0);
    ck_assert_int_eq(disk->absolute(NULL, "file", path), -ENOENT);
    ck_assert_int_eq(chdir(working), 0);
    remove_file(file);
}
END_TEST

/* A store on one of the first three descriptors would be overwritten by what is printed. */
START_TEST(no_standard_stream_is_taken_for_a_file)
{
    folder_make(&folder);
    const pid_t child = fork();
    if (child == 0) {
        const bool all = _i == STDERR_FILENO + 1;
        const int first = all ? STDIN_FILENO : _i;
        const int last = all ? STDERR_FILENO : _i;
        for (int stream = first; stream <= last; stream++) {
            (void)close(stream);
        }
        const int made = disk->open(NULL, folder_file(&folder, "file"), DISK_CREATE);
        const int opened = disk->open(NULL, folder_file(&folder, "file"), DISK_EXISTING);
        const bool synced = disk->sync_folder(NULL, folder_file(&folder, "file"), made) == 0;
        bool beyond = made > STDERR_FILENO && opened > STDERR_FILENO;
        for (int stream = first; stream <= last; stream++) {
            beyond = beyond && fcntl(stream, F_GETFD) < 0;
        }
        end_child(beyond && synced && (fcntl(made, F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    folder_remove(&folder);
}
END_TEST

/* Not for a moment: another thread prints all the while. */
static atomic_bool printing_done;

static void *print_on(void *stream)
{
    while (!printing_done) {
        (void)!write(*(const int *)stream, "printed", 7);
    }
    return NULL;
}

START_TEST(nothing_that_another_thread_prints_reaches_a_file)
{
    enum { OPENINGS = 3000 };
    const int file = make_file();
    const pid_t child = fork();
    if (child == 0) {
        pthread_t printer;
        int stream = _i;
        (void)close(stream);
        bool sound = pthread_create(&printer, NULL, print_on, &stream) == 0;
        for (int i = 0; i < OPENINGS && sound; i++) {
            const int opened = disk->open(NULL, folder_file(&folder, "file"), DISK_EXISTING);
            sound = opened > STDERR_FILENO;
            disk->close(NULL, opened);
        }
        printing_done = true;
        pthread_join(printer, NULL);
        end_child(sound && disk->size(NULL, file) == 0 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    remove_file(file);
}
END_TEST

/* The system would end the process. */
START_TEST(a_limit_of_file_size_is_an_error)
{
    const struct rlimit limit = {.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
    const int file = make_file();
    const pid_t child = fork();
    if (child == 0) {
        end_child(setrlimit(RLIMIT_FSIZE, &limit) == 0 && disk->write(NULL, file, 92, "12345678", 8) == 8 &&
                          disk->write(NULL, file, 93, "12345678", 8) == -ENOSPC && disk->resize(NULL, file, 100) == 0 &&
                          disk->resize(NULL, file, 101) == -ENOSPC
                      ? 0
                      : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    remove_file(file);
}
END_TEST

/* Where the system runs short of descriptors there is no file, and none open. */
START_TEST(without_a_descriptor_there_is_no_file)
{
    const int file = make_file();
    const int made = disk->open(NULL, folder_file(&folder, "new"), DISK_CREATE_PRIVATE);
    const pid_t child = fork();
    if (child == 0) {
        struct rlimit limit;
        (void)close(STDIN_FILENO);
        bool limited = getrlimit(RLIMIT_NOFILE, &limit) == 0;
        limit.rlim_cur = 3;
        limited = limited && setrlimit(RLIMIT_NOFILE, &limit) == 0;
        const int opened = disk->open(NULL, folder_file(&folder, "file"), DISK_EXISTING);
        const bool is_refused = opened == -EMFILE || opened == -EINVAL;
        const int inherited = disk->inherit(NULL, made, file);
        end_child(limited && is_refused && inherited == opened && fcntl(STDIN_FILENO, F_GETFD) < 0 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    disk->close(NULL, made);
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

START_TEST(a_file_that_is_only_read_is_not_written_and_its_locks_are_shared)
{
    const int file = make_file();
    ck_assert_int_eq(disk->open(NULL, folder_file(&folder, "missing"), DISK_READ_ONLY), -ENOENT);
    const int reader = disk->open(NULL, folder_file(&folder, "file"), DISK_READ_ONLY);
    const int other = disk->open(NULL, folder_file(&folder, "file"), DISK_READ_ONLY);
    ck_assert_int_eq(disk->write(NULL, reader, 0, "1", 1), -EBADF);
    ck_assert_int_eq(disk->sync(NULL, reader), 0);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_LOCK, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, other, DISK_LOCK, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, file, DISK_LOCK, 10, 10), -EAGAIN);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_PROBE, 10, 10), -EAGAIN);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_TURN, 10, 10), -EAGAIN);
    ck_assert_int_eq(disk->lock(NULL, other, DISK_UNLOCK, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_PROBE, 10, 10), 0); /* its own lock */
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_TURN, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_UNLOCK, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, file, DISK_TURN, 10, 10), 0);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_TURN, 10, 10), -EAGAIN);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_LOCK, 10, 10), -EAGAIN);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_PROBE, 19, 1), -EAGAIN);
    ck_assert_int_eq(disk->lock(NULL, reader, DISK_PROBE, 20, 1), 0);
    ck_assert_int_eq(disk->lock(NULL, CLOSED, DISK_PROBE, 10, 10), -EBADF);
    ck_assert_int_eq(disk->lock(NULL, CLOSED, DISK_UNLOCK, 10, 10), -EBADF);
    disk->close(NULL, reader);
    disk->close(NULL, other);
    remove_file(file);
}
END_TEST

/* Every file system finds what was written; one without holes finds more. */
START_TEST(what_is_not_a_hole_is_found)
{
    const uint64_t at = UINT64_C(1) << 30;
    const int file = make_file();
    ck_assert_int_eq(disk->next_data(NULL, file, 0), INT64_MAX);
    ck_assert_int_eq(disk->resize(NULL, file, 4 * at), 0);
    ck_assert_int_eq(disk->write(NULL, file, at + 5, "1", 1), 1);
    ck_assert_int_ge(disk->next_data(NULL, file, 0), 0);
    ck_assert(disk->next_data(NULL, file, 0) <= (int64_t)at + 5);
    ck_assert_int_eq(disk->next_data(NULL, file, at + 5), (int64_t)at + 5);
    ck_assert_int_ge(disk->next_data(NULL, file, at + 6), (int64_t)at + 6);
    ck_assert_int_eq(disk->next_data(NULL, CLOSED, 7), 7);
    remove_file(file);
}
END_TEST

START_TEST(a_process_has_its_number_and_a_mark_that_no_child_has)
{
    unsigned char *mark = disk->mark_process(NULL);
    ck_assert_int_eq(disk->process(NULL), getpid());
    ck_assert(mark != NULL && *mark == 1);
    const pid_t child = fork();
    if (child == 0) {
        end_child(*mark);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
#ifndef TJOB_EMULATED
    ck_assert_int_eq(status, 0);
#endif
    ck_assert_int_eq(*mark, 1);
    disk->unmap(NULL, mark, 1);
}
END_TEST

/*
 * ---- Waiting ------------------------------------------------------------------------------------------------------
 */

START_TEST(a_sleep_ends_when_its_time_is_over)
{
    const int file = make_file();
    ck_assert_int_eq(disk->resize(NULL, file, 4096), 0);
    uint32_t *words = disk->map(NULL, file, 4096);
    ck_assert_ptr_nonnull(words);
    const uint32_t *const slept_on[] = {NULL, words};
    for (int i = 0; i < 2; i++) {
        const uint64_t begin_us = disk->clock_us(NULL);
        disk->sleep(NULL, slept_on[i], 1, 1200000);
        ck_assert_uint_ge(disk->clock_us(NULL) - begin_us, 1199000);
    }
    ck_assert_int_eq(disk->wake(NULL, words, 1), 0);
    disk->unmap(NULL, words, 4096);
    remove_file(file);
}
END_TEST

/* A word that is not 0, or that the file does not hold any more, is not slept on for long, and ends no process. */
static void expect_short_sleep(const uint32_t *word)
{
    const uint64_t begin_us = disk->clock_us(NULL);
    disk->sleep(NULL, word, 1, 60000000);
    disk->sleep(NULL, word, 1, 10);
    ck_assert_uint_lt(disk->clock_us(NULL) - begin_us, 30000000);
}

START_TEST(a_word_that_nobody_can_sleep_on_is_a_short_sleep)
{
    const char *preloaded = getenv("LD_PRELOAD");
    const int file = make_file();
    ck_assert_int_eq(disk->resize(NULL, file, 4096), 0);
    ck_assert_int_eq(disk->write(NULL, file, 4, "1", 1), 1);
    uint32_t *words = disk->map(NULL, file, 4096);
    expect_short_sleep(words + 1);
    if (preloaded == NULL || strstr(preloaded, "valgrind") == NULL) { /* which reads the word itself, and dies of it */
        ck_assert_int_eq(disk->resize(NULL, file, 0), 0);
        expect_short_sleep(words + 1);
        (void)disk->wake(NULL, words, 1);
    }
    disk->unmap(NULL, words, 4096);
    remove_file(file);
}
END_TEST

/* Another process, which has mapped the file by itself, wakes one that sleeps on the same word with a bit in common. */
START_TEST(a_sleep_ends_when_another_process_wakes)
{
    const int file = make_file();
    ck_assert_int_eq(disk->resize(NULL, file, 4096), 0);
    const pid_t child = fork();
    if (child == 0) {
        const int opened = disk->open(NULL, folder_file(&folder, "file"), DISK_EXISTING);
        const uint32_t *words = disk->map(NULL, opened, 4096);
        const uint64_t begin_us = disk->clock_us(NULL);
        disk->sleep(NULL, words + 7, 6, 60000000);
        end_child(disk->clock_us(NULL) - begin_us < 50000000 ? 0 : 1);
    }
    uint32_t *words = disk->map(NULL, file, 4096);
    int waked = 0;
    for (int tries = 0; waked == 0 && tries < 5000; tries++) {
        ck_assert_int_eq(disk->wake(NULL, words + 7, 1), 0);
        ck_assert_int_eq(disk->wake(NULL, words + 6, 6), 0);
        waked = disk->wake(NULL, words + 7, 4);
        disk->sleep(NULL, NULL, 0, 1000);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(waked, 1);
    disk->unmap(NULL, words, 4096);
    remove_file(file);
}
END_TEST

RUN_TESTS("system_disk", {a_file_is_made_once_and_opened_after_that, 0},
          {bytes_come_back_from_where_they_were_written, 0}, {a_file_opens_again_by_its_path_and_no_other_does, 0},
          {a_failure_is_the_error_below_0, 0}, {a_path_names_a_file_until_it_is_given_to_another, 0},
          {a_path_does_not_name_a_file_alone_beside_a_link, 0},
          {a_file_gets_the_owner_and_the_permissions_of_another, 0},
          {a_file_gets_the_access_list_of_another_and_loses_its_own, 0},
          {a_list_that_is_too_long_for_the_disk_is_not_left_out, 0},
          {no_file_gets_an_owner_whom_a_user_namespace_hides, 0}, {an_id_that_may_stand_for_others_is_no_owner, 2},
          {where_nothing_is_hidden_every_id_is_an_owner, 0}, {the_folder_that_a_file_is_in_is_synced, 0},
          {a_file_that_is_mounted_is_not_in_the_folder_where_it_stands, 0}, {an_absolute_path_stays_where_it_is, 0},
          {where_the_working_folder_is_gone_nothing_is_absolute, 0}, {no_standard_stream_is_taken_for_a_file, 4},
          {nothing_that_another_thread_prints_reaches_a_file, 3}, {a_limit_of_file_size_is_an_error, 0},
          {without_a_descriptor_there_is_no_file, 0}, {a_lock_keeps_others_out, 0},
          {a_file_that_is_only_read_is_not_written_and_its_locks_are_shared, 0}, {what_is_not_a_hole_is_found, 0},
          {a_process_has_its_number_and_a_mark_that_no_child_has, 0}, {a_sleep_ends_when_its_time_is_over, 0},
          {a_word_that_nobody_can_sleep_on_is_a_short_sleep, 0}, {a_sleep_ends_when_another_process_wakes, 0})
