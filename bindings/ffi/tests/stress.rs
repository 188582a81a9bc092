//! Eight threads that make releases, close sessions and open others at random.
//!
//! Two seconds, or as many as `FROSTGLASS_STRESS_SECONDS` says. Memory may grow by 2 MiB in the second half
//! of them, or by as many as `FROSTGLASS_STRESS_GROWTH` says: a sanitizer keeps records of its own.

mod support;

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use frostglass_ffi::{ErrorKind, Front, ModelSource, Policy, Session, SessionOptions};
use support::{LITTLE, call, pixels, rgba};

const THREADS: u64 = 8;
const SESSIONS: usize = 4;

#[test]
fn sessions_are_used_and_closed_by_eight_threads_at_once() {
    let seconds = number("FROSTGLASS_STRESS_SECONDS", 2.0);
    let growth = number("FROSTGLASS_STRESS_GROWTH", 2.0) * f64::from(1 << 20);
    let policy = Policy::parse("dp(epsilon=5)").unwrap();
    let source = ModelSource::PackedBytes { bytes: LITTLE.to_vec(), digest: None };
    let front = Front::open(source, &policy).unwrap();
    // Every other session runs its front on two threads, one of which it starts and ends.
    let open = |slot| {
        let options = SessionOptions { threads: 1 + slot as u32 % 2, ..Default::default() };
        Session::open(&front, &policy, options).unwrap()
    };
    let slots: [Mutex<Arc<Session>>; SESSIONS] = std::array::from_fn(|slot| Mutex::new(open(slot)));
    let length = slots[0].lock().unwrap().release_length() as usize;
    let pixels = pixels();
    let (done, made, closed) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));

    let (before, after) = thread::scope(|scope| {
        for seed in 1..=THREADS {
            let (slots, pixels, done) = (&slots, &pixels, &done);
            let (made, closed, open) = (&made, &closed, &open);
            scope.spawn(move || {
                let mut random = seed;
                let mut release = vec![0; length];
                while !done.load(Ordering::Relaxed) {
                    // Knuth's generator; its high bits are the good ones.
                    random =
                        random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    let place = (random >> 33) as usize % SESSIONS;
                    let slot = &slots[place];
                    let number = slot.lock().unwrap().number();
                    match (random >> 40) % 16 {
                        0 => {
                            // Others are in the middle of calls under the old number.
                            let old = std::mem::replace(&mut *slot.lock().unwrap(), open(place));
                            old.end();
                            let late = call(old.number(), &rgba(pixels), None, &mut release);
                            support::refused(late, ErrorKind::Closed);
                            closed.fetch_add(1, Ordering::Relaxed);
                        }
                        // Dropped without being closed.
                        1 => drop(std::mem::replace(&mut *slot.lock().unwrap(), open(place))),
                        _ => match call(number, &rgba(pixels), None, &mut release) {
                            Ok(_) => _ = made.fetch_add(1, Ordering::Relaxed),
                            answer => _ = support::refused(answer, ErrorKind::Closed),
                        },
                    }
                }
            });
        }
        let half = Duration::from_secs_f64(seconds / 2.0);
        let begun = Instant::now();
        // Allocators take a while to have all that so many threads need.
        thread::sleep(half);
        let before = resident();
        thread::sleep(half);
        let after = resident();
        done.store(true, Ordering::Relaxed);
        println!("{:.1} s", begun.elapsed().as_secs_f64());
        (before, after)
    });
    let (made, closed) = (made.into_inner(), closed.into_inner());
    println!("{made} releases, {closed} sessions closed; {before} to {after} bytes resident");
    assert!(made > 100 && closed > 10, "{made} releases, {closed} closed");
    assert!(after <= before + growth as u64, "{before} to {after} bytes resident");
}

/// The number that a variable says, or else the usual one.
fn number(variable: &str, usual: f64) -> f64 {
    std::env::var(variable).map_or(usual, |number| number.parse().unwrap())
}

/// Bytes of memory that this process has; on a system that does not say, none.
fn resident() -> u64 {
    let Ok(pages) = fs::read_to_string("/proc/self/statm") else { return 0 };
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}
