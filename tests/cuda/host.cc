/* host.cc - kernels on the host: a block's threads are fibers that a scheduler lets run in turn. */
#include "tests/cuda/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <vector>

#include "tests/cuda/host_work.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define BEFORE_SWITCH(save, bottom, size) __sanitizer_start_switch_fiber(save, bottom, size)
#define AFTER_SWITCH(save, bottom, size) __sanitizer_finish_switch_fiber(save, bottom, size)
#else
#define BEFORE_SWITCH(save, bottom, size) ((void)(save))
#define AFTER_SWITCH(save, bottom, size) ((void)(save))
#endif

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

dim3 gridDim, blockDim, blockIdx, threadIdx;

namespace
{
enum { THREADS_MAX = 1024, WARP = 32, STACK = 128 * 1024 };
enum state { READY, AT_BLOCK, AT_WARP, DONE };

struct fiber {
	state now;
	bool begun;
	dim3 index;
	char *stack;
	void *fake; /* AddressSanitizer's */
#if defined(__x86_64__)
	void *sp;
#else
	ucontext_t context;
#endif
};

fiber fibers[THREADS_MAX];
uint64_t slots[THREADS_MAX];
unsigned n_fibers, running, descending;
const char *kernel_name;
const std::function<void()> *kernel_body;
void *main_fake;
[[maybe_unused]] const void *main_bottom;
[[maybe_unused]] size_t main_size;

void die(const char *what)
{
	fprintf(stderr, "%s: %s (block %u,%u,%u thread %u)\n", kernel_name, what, blockIdx.x,
		blockIdx.y, blockIdx.z, running);
	abort();
}

#if defined(__x86_64__)
void *main_sp;

/* Keep what a function must keep, change stacks, take up what was kept there. */
extern "C" void host_switch(void **save, void *to);
asm(".text\n"
    ".type host_switch, @function\n"
    "host_switch:\n"
    "\tpushq %rbp\n\tpushq %rbx\n\tpushq %r12\n\tpushq %r13\n\tpushq %r14\n\tpushq %r15\n"
    "\tmovq %rsp, (%rdi)\n"
    "\tmovq %rsi, %rsp\n"
    "\tpopq %r15\n\tpopq %r14\n\tpopq %r13\n\tpopq %r12\n\tpopq %rbx\n\tpopq %rbp\n"
    "\tret\n"
    ".size host_switch, .-host_switch\n");
#else
ucontext_t main_context;
#endif

void leave(fiber *f, bool for_ever)
{
	BEFORE_SWITCH(for_ever ? NULL : &f->fake, main_bottom, main_size);
#if defined(__x86_64__)
	host_switch(&f->sp, main_sp);
#else
	swapcontext(&f->context, &main_context);
#endif
	AFTER_SWITCH(f->fake, &main_bottom, &main_size);
}

/* A fiber's life: one thread of a block after the other. */
void live(void)
{
	fiber *f = &fibers[running];

	AFTER_SWITCH(NULL, &main_bottom, &main_size);
	for (;;) {
		(*kernel_body)();
		f->now = DONE;
		leave(f, false);
	}
}

void make(fiber *f)
{
	if (!f->stack) {
		f->stack = static_cast<char *>(mmap(NULL, STACK, PROT_READ | PROT_WRITE,
						    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
						    0));
		if (f->stack == MAP_FAILED)
			abort();
#if defined(__x86_64__)
		/* Each a little lower than the one before, or all would share a few lines of the cache. */
		size_t lower = static_cast<size_t>(f - fibers) * 192 % 16384;
		void **top = reinterpret_cast<void **>(f->stack + STACK - lower);

		*--top = NULL; /* so that the stack is aligned as a call leaves it */
		*--top = reinterpret_cast<void *>(&live);
		for (int i = 0; i < 6; i++)
			*--top = NULL;
		f->sp = top;
#else
		getcontext(&f->context);
		f->context.uc_stack.ss_sp = f->stack;
		f->context.uc_stack.ss_size = STACK;
		makecontext(&f->context, live, 0);
#endif
	}
}

void resume(unsigned i)
{
	fiber *f = &fibers[i];

	running = i;
	threadIdx = f->index;
	BEFORE_SWITCH(&main_fake, f->stack, STACK);
#if defined(__x86_64__)
	host_switch(&main_sp, f->sp);
#else
	swapcontext(&main_context, &f->context);
#endif
	AFTER_SWITCH(main_fake, NULL, NULL);
}

/* Let go whom nothing holds any longer. */
bool let_go(void)
{
	unsigned waiting = 0, done = 0;
	bool any = false;

	for (unsigned i = 0; i < n_fibers; i++) {
		waiting += fibers[i].now == AT_BLOCK;
		done += fibers[i].now == DONE;
	}
	if (done == n_fibers)
		return false;
	if (waiting == n_fibers) {
		for (unsigned i = 0; i < n_fibers; i++)
			fibers[i].now = READY;
		return true;
	}
	for (unsigned w = 0; w < n_fibers; w += WARP) {
		unsigned end = w + WARP < n_fibers ? w + WARP : n_fibers, here = 0, gone = 0;

		for (unsigned i = w; i < end; i++) {
			here += fibers[i].now == AT_WARP;
			gone += fibers[i].now == DONE;
		}
		if (here && gone)
			die("a warp meets without all its lanes");
		if (here == end - w)
			for (unsigned i = w; i < end; i++)
				fibers[i].now = READY;
		any |= here == end - w;
	}
	if (!any)
		die("a barrier that not all threads reach");
	return true;
}

void run_block(void)
{
	for (unsigned i = 0; i < n_fibers; i++) {
		fibers[i].now = READY;
		fibers[i].index = dim3(i % blockDim.x, i / blockDim.x % blockDim.y,
				       i / blockDim.x / blockDim.y);
		make(&fibers[i]);
	}
	do {
		for (unsigned k = 0; k < n_fibers; k++) {
			unsigned i = descending ? n_fibers - 1 - k : k;

			if (fibers[i].now == READY)
				resume(i);
		}
	} while (let_go());
}

void run(const host_work &w)
{
	size_t blocks = (size_t)w.grid.x * w.grid.y * w.grid.z;

	kernel_name = w.kernel;
	n_fibers = w.block.x * w.block.y * w.block.z;
	if (!blocks || !n_fibers || n_fibers > THREADS_MAX)
		die("a grid or block of an impossible size");
	gridDim = w.grid;
	blockDim = w.block;
	kernel_body = &w.body;
	for (size_t k = 0; k < blocks; k++) {
		size_t i = descending ? blocks - 1 - k : k;

		blockIdx = dim3((unsigned)(i % w.grid.x), (unsigned)(i / w.grid.x % w.grid.y),
				(unsigned)(i / w.grid.x / w.grid.y));
		run_block();
	}
}
} // namespace

std::vector<host_work> *host_written;

char host_side;
static std::vector<host_work> late;

void host_do(const host_work &w, void *stream)
{
	if (stream == &host_side && descending)
		late.push_back(w);
	else if (host_written)
		host_written->push_back(w);
	else if (w.kernel)
		run(w);
	else
		w.body();
}

void host_join(void)
{
	std::vector<host_work> all;

	all.swap(late);
	for (const host_work &w : all)
		host_do(w);
}

void host_launch(const char *kernel, dim3 grid, dim3 block, void *stream,
		 std::function<void()> body)
{
	if (!grid.x || !grid.y || !grid.z || grid.y > 65535 || grid.z > 65535 ||
	    block.x * block.y * block.z > 1024) {
		fprintf(stderr, "%s: no GPU starts (%u, %u, %u) blocks of %u threads\n", kernel,
			grid.x, grid.y, grid.z, block.x * block.y * block.z);
		abort();
	}
	host_do({ kernel, grid, block, body }, stream);
}

static void meet(state at)
{
	fiber *f = &fibers[running];

	f->now = at;
	leave(f, false);
}

void host_meet_block(void)
{
	meet(AT_BLOCK);
}

void host_meet_warp(void)
{
	meet(AT_WARP);
}

uint64_t *host_slot(unsigned lane)
{
	return &slots[running / WARP * WARP + lane];
}

void host_order(int from_the_end)
{
	descending = from_the_end != 0;
}

void host_enqueue(void (*fn)(void *payload, float *v, size_t n), void *payload, float *v, size_t n)
{
	host_do({ NULL, dim3(), dim3(), [=] { fn(payload, v, n); } });
}
