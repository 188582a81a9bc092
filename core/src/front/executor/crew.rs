//! Threads that wait, and work together on one task at a time.
//!
//! They outlive the tasks that they are lent, so that a run starts none and allocates nothing; between
//! tasks they sleep.
#![allow(unsafe_code, reason = "a task borrows from its caller, threads outlive it")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::error::{Error, ErrorKind, Result};

/// Called once by each thread with its number; 0 is the caller's.
type Task<'a> = dyn Fn(usize) + Sync + 'a;

/// Threads beside the caller's.
pub(super) struct Crew {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    board: Mutex<Board>,
    /// A task was put up, or it is time to go.
    posted: Condvar,
    /// The last thread is done.
    finished: Condvar,
}

struct Board {
    task: Option<&'static Task<'static>>,
    /// How many tasks were put up so far.
    tasks: u64,
    /// Threads that are not done with the last.
    at_work: usize,
    /// Whether one of them panicked.
    failed: bool,
    closing: bool,
}

impl Crew {
    /// Starts so many threads.
    ///
    /// # Errors
    /// Kind [`ErrorKind::System`]: the system gives no more.
    pub(super) fn new(threads: usize) -> Result<Self> {
        let shared = Arc::new(Shared {
            board: Mutex::new(Board {
                task: None,
                tasks: 0,
                at_work: 0,
                failed: false,
                closing: false,
            }),
            posted: Condvar::new(),
            finished: Condvar::new(),
        });
        let mut crew = Self { shared, threads: Vec::with_capacity(threads) };
        for number in 1..=threads {
            let shared = Arc::clone(&crew.shared);
            let thread = thread::Builder::new()
                .name("frostglass".to_owned())
                .spawn(move || shared.work(number))
                .map_err(|_| {
                    Error::new(ErrorKind::System, "the system gives no more threads; ask for fewer")
                })?;
            crew.threads.push(thread);
        }
        Ok(crew)
    }

    /// Does a task with all threads, the caller's too, and waits until each is done.
    ///
    /// # Errors
    /// Kind [`ErrorKind::Internal`]: it panicked in one of them.
    pub(super) fn run(&self, task: &Task<'_>) -> Result<()> {
        // SAFETY: the task lives until this function ends, which waits for every thread to be done
        // with it, also where the caller's own part panics; nobody keeps it longer.
        let lent: &'static Task<'static> = unsafe { std::mem::transmute(task) };
        {
            let mut board = self.shared.board();
            board.task = Some(lent);
            board.tasks += 1;
            board.at_work = self.threads.len();
            board.failed = false;
        }
        self.shared.posted.notify_all();
        let own = catch_unwind(AssertUnwindSafe(|| task(0)));
        let mut board = self.shared.board();
        while board.at_work > 0 {
            board = self.shared.finished.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
        board.task = None;
        if own.is_err() || board.failed {
            return Err(Error::new(ErrorKind::Internal, "a thread of the executor panicked"));
        }
        Ok(())
    }
}

impl Shared {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's life: one task after the other.
    fn work(&self, number: usize) {
        let mut done = 0;
        loop {
            let task = {
                let mut board = self.board();
                while board.tasks == done && !board.closing {
                    board = self.posted.wait(board).unwrap_or_else(PoisonError::into_inner);
                }
                if board.closing {
                    return;
                }
                done = board.tasks;
                board.task
            };
            let outcome = catch_unwind(AssertUnwindSafe(|| task.map(|task| task(number))));
            let mut board = self.board();
            board.failed |= outcome.is_err();
            board.at_work -= 1;
            if board.at_work == 0 {
                self.finished.notify_one();
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.shared.board().closing = true;
        self.shared.posted.notify_all();
        for thread in self.threads.drain(..) {
            // It catches what its tasks panic with, so that it has nothing to say.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_thread_does_each_task_once() {
        let crew = Crew::new(3).unwrap();
        for round in 1..500 {
            let counts: [AtomicUsize; 4] = Default::default();
            crew.run(&|number| {
                counts[number].fetch_add(round, Ordering::Relaxed);
            })
            .unwrap();
            assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == round));
        }
    }

    #[test]
    fn a_panic_is_an_error_and_the_next_task_is_done() {
        let crew = Crew::new(2).unwrap();
        for number in 0..3 {
            let outcome = crew.run(&|own| assert!(own != number));
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Internal);
            crew.run(&|_| ()).unwrap();
        }
    }

    #[test]
    fn idle_threads_end_with_their_crew() {
        drop(Crew::new(4).unwrap());
    }
}
