/* A plugin of qemu-user that counts the instructions a program executes: `cargo xtask bench arm`.
 *
 * The program asks for the count by a system call that no kernel has, MARK; each call prints one
 * line, `instructions COUNT`, on the emulator's standard error. The count is the whole process's,
 * and exact where one thread runs.
 *
 * qemu's plugin interface, version 1 (qemu 4.2 and later), is declared here as far as it is used:
 * Debian ships no header of it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXPORTED __attribute__((visibility("default")))
#define MARK 4000
#define INLINE_ADD 0

typedef uint64_t plugin_id;
struct qemu_plugin_tb;

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id,
                                                  void (*)(plugin_id, struct qemu_plugin_tb *));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int operation,
                                                     void *counter, uint64_t value);
extern void qemu_plugin_register_vcpu_syscall_cb(
    plugin_id, void (*)(plugin_id, unsigned vcpu, int64_t number, uint64_t, uint64_t, uint64_t,
                        uint64_t, uint64_t, uint64_t, uint64_t, uint64_t));

EXPORTED int qemu_plugin_version = 1;

static uint64_t count;

/* A block of instructions is translated once; whenever it runs, its length is added. */
static void translated(plugin_id id, struct qemu_plugin_tb *block) {
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(block, INLINE_ADD, &count,
                                             qemu_plugin_tb_n_insns(block));
}

static void called(plugin_id id, unsigned vcpu, int64_t number, uint64_t a, uint64_t b, uint64_t c,
                   uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
    (void)id, (void)vcpu, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
    if (number == MARK) {
        fprintf(stderr, "instructions %" PRIu64 "\n", count);
    }
}

EXPORTED int qemu_plugin_install(plugin_id id, const void *emulator, int argc, char **argv) {
    (void)emulator, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    return 0;
}
