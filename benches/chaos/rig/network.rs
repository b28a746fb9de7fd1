//! A network and mounts of our own, and packets that do not arrive.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};

/// Moves this thread, and all processes that it starts from now on, to a network with a loopback alone, and to mounts
/// that nobody else sees. Who may not make them stays where he is; the faults that need them say so.
pub(crate) fn isolate() -> anyhow::Result<()> {
    match unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS) {
        Ok(()) => {
            run("mount", &["--make-rprivate", "/"])?;
            run("ip", &["link", "set", "lo", "up"])
        }
        Err(Errno::EPERM) => Ok(()),
        Err(error) => Err(error).context("no network of its own"),
    }
}

/// From now on no UDP datagram to or from these ports arrives; none named: none at all.
pub(crate) fn cut(ports: &[u16]) -> anyhow::Result<()> {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let rules = if ports.is_empty() {
        "meta l4proto udp drop;".to_owned()
    } else {
        let ports = ports.join(", ");
        format!("udp dport {{ {ports} }} drop; udp sport {{ {ports} }} drop;")
    };
    run(
        "nft",
        &[&format!(
            "table inet chaos {{ chain gone {{ type filter hook input priority 0; {rules} }}; }}"
        )],
    )
}

/// From now on everything arrives.
pub(crate) fn mend() -> anyhow::Result<()> {
    run("nft", &["delete", "table", "inet", "chaos"])
}

/// Puts a file system in memory of so many megabytes over a folder.
pub(crate) fn mount(folder: &Path, megabytes: u32) -> anyhow::Result<()> {
    let size = format!("size={megabytes}m,mode=0700");
    run(
        "mount",
        &["-t", "tmpfs", "-o", &size, "tmpfs", &folder.to_string_lossy()],
    )
}

/// Takes it away again.
pub(crate) fn unmount(folder: &Path) -> anyhow::Result<()> {
    run("umount", &["--lazy", &folder.to_string_lossy()])
}

fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let ran = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("{program} is needed; scripts/setup chaos installs it"))?;
    ensure!(
        ran.status.success(),
        "{program} {arguments:?}, which takes root: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    Ok(())
}
