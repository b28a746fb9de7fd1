//! How the system hands memory to the process.

use nix::sys::prctl::set_thp_disable;

/// Has the system back memory by pages of 4 KiB, of which the process gets those that it touches. With huge ones every
/// first touch takes 2 MB: a daemon of 20 MB weighs 50, and grows and shrinks by steps that nothing it did explains.
pub fn take_small_pages() {
    // A system that cannot be asked has no huge pages, or gives more than is needed, which harms nobody.
    let _ = set_thp_disable(true);
}
