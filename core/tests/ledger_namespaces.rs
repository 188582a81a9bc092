//! Forks into PID namespaces, where process numbers repeat. Alone in its program: a fork that the C library
//! does not hear of must not happen while another thread of the test harness holds a lock of the allocator.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]
#![allow(unsafe_code, reason = "processes are forked, as apps and servers fork them")]

mod processes;

use std::collections::HashSet;
use std::ffi::c_int;

use frostglass::ledger::Ledger;
use processes::{Child, Log, getpid, open};

/// A child in a PID namespace of its own, where it is number 1; none where that is not permitted.
fn fork_into_a_namespace(work: impl FnOnce()) -> Option<Child> {
    use std::ffi::c_long;
    unsafe extern "C" {
        fn syscall(number: c_long, ...) -> c_long;
    }
    const CLONE: c_long = if cfg!(target_arch = "x86_64") { 56 } else { 220 };
    const NEW_PID_NAMESPACE: c_long = 0x2000_0000;
    const SIGCHLD: c_long = 17;
    // SAFETY: without CLONE_VM and with no stack of its own this is a fork, which the C library does
    // not hear of.
    let made = unsafe { syscall(CLONE, NEW_PID_NAMESPACE | SIGCHLD, 0, 0, 0, 0) };
    (made >= 0).then(|| Child::of(made as c_int, work))
}

#[test]
fn processes_of_one_number_in_several_namespaces_hand_out_no_payment_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    drop(Ledger::create(&path, "1e6,1e-5,activation".parse().unwrap()).unwrap());
    let log = Log::begin(folder.path().join("log"));
    let parent = || {
        assert_eq!(getpid(), 1);
        let (name, mut account) = open(&path, 16).unwrap();
        log.paid(&name, account.pay().unwrap());
        let mut children = Vec::new();
        for _ in 0..2 {
            let own = &mut account;
            let child = fork_into_a_namespace(|| {
                assert_eq!(getpid(), 1);
                for _ in 0..20 {
                    log.paid(&name, own.pay().unwrap());
                }
            });
            children.push(child.expect("as the first one was"));
        }
        for _ in 0..20 {
            log.paid(&name, account.pay().unwrap());
        }
        for child in children {
            assert_eq!(child.wait(), 0);
        }
        account.close().unwrap();
    };
    let Some(parent) = fork_into_a_namespace(parent) else {
        println!("skipped: PID namespaces are not permitted here");
        return;
    };
    assert_eq!(parent.wait(), 0);
    let lines = log.take();
    let distinct: HashSet<_> = lines.iter().map(|(_, record, index)| (record, index)).collect();
    assert_eq!((lines.len(), distinct.len()), (61, 61), "a payment was handed out twice");
    let releases = Ledger::open(&path).unwrap().standing().unwrap().releases;
    // The parent gives back the rest of two blocks of 16; the children forfeit theirs, and only theirs.
    assert_eq!(releases, 21 + 2 * 32);
}
