//! A control thread that hangs, while all others run: whoever watches the daemon sees it, and sees when it is over.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;

use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::far_side::FarSide;
use crate::house::PATIENCE;
use crate::privacy::get;
use crate::program::Program;
use crate::site::Site;

/// What the log says at every sign of life that is due and does not come.
const STILL: &str = "the control thread does not come round";

/// Nobody is called.
const NOBODY: &str = "[[behaviour]]\nname = \"refuses\"\nnumbers = \"*\"\nstatus = 603\n";

/// A thread of the daemon that is held as a debugger holds it; dropped, it goes on.
struct HeldThread(Pid);

impl HeldThread {
    /// The thread with this name.
    fn of(daemon: &Program, name: &str) -> Self {
        let threads = fs::read_dir(format!("/proc/{}/task", daemon.id())).unwrap();
        let is_named = |path: &std::path::Path| {
            let found = fs::read_to_string(path.join("comm")).unwrap_or_default();
            found.trim_end() == name
        };
        let thread = threads.flatten().find(|thread| is_named(&thread.path())).unwrap();
        let thread = Pid::from_raw(thread.file_name().to_str().unwrap().parse().unwrap());
        ptrace::seize(thread, ptrace::Options::empty()).unwrap();
        let held = Self(thread);
        ptrace::interrupt(thread).unwrap();
        waitpid(thread, Some(WaitPidFlag::__WALL)).unwrap();
        held
    }
}

impl Drop for HeldThread {
    fn drop(&mut self) {
        // If the daemon has gone, so has the thread.
        let _ = ptrace::detach(self.0, None);
    }
}

/// Whether the manager was told that the daemon lives, in what it has not read yet.
fn is_fed(manager: &UnixDatagram) -> bool {
    manager.set_nonblocking(true).unwrap();
    let mut message = [0; 4096];
    let mut is_fed = false;
    loop {
        match manager.recv(&mut message) {
            Ok(length) => is_fed |= String::from_utf8_lossy(&message[..length]).contains("WATCHDOG=1"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    manager.set_nonblocking(false).unwrap();
    is_fed
}

#[test]
fn a_control_thread_that_hangs_feeds_no_watchdog_and_turns_the_health_bad_until_it_goes_on() {
    let site = Site::new();
    let far_side = FarSide::start(&site, NOBODY);
    let settings = site.read("aftercall.toml") + "\n[http]\nlisten = \"127.0.0.1:0\"\n";
    site.write("aftercall.toml", &settings);
    let manager = UnixDatagram::bind(site.file("notify")).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let socket = site.file("notify");
    // A sign of life is due every half second.
    let environment = [
        ("NOTIFY_SOCKET", socket.to_str().unwrap()),
        ("WATCHDOG_USEC", "1500000"),
    ];
    let mut daemon = site.start_in(&environment, &["run", "--any-time"]);
    let at = daemon.wait_for("metrics and health on http://");
    let address = at.rsplit_once('/').unwrap().1.to_owned();
    daemon.wait_for("aftercall is ready");
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200 "));

    let held = HeldThread::of(&daemon, "control");
    daemon.wait_for(STILL);
    is_fed(&manager);
    for _ in 0..5 {
        daemon.wait_for(STILL);
    }
    assert!(!is_fed(&manager));
    for path in ["/healthz", "/readyz"] {
        let health = get(&address, path);
        assert!(
            health.starts_with("HTTP/1.1 503 ") && health.contains("the control thread last turned"),
            "{path}: {health}"
        );
    }

    drop(held);
    let mut message = [0; 4096];
    loop {
        let length = manager.recv(&mut message).unwrap();
        if String::from_utf8_lossy(&message[..length]).contains("WATCHDOG=1") {
            break;
        }
    }
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200 "));
    assert!(daemon.terminate().status.success());
    far_side.stop(&site);
}
