//! Which thread goes first when several want a processor.

use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
    thread_schedule_policy,
};

/// Where a thread's niceness stands among what follows its name (proc(5), `stat`, field 19).
const NICENESS: usize = 16;

/// From now on this thread, and each that it begins, waits for its turn when it is woken (`SCHED_BATCH`). As the system has it, whoever
/// is woken interrupts who woke it: the database's thread is stopped in the middle of its answer, with the lock held that
/// the one who waits for it needs next, and both go to sleep once more for each statement.
pub fn wait_for_turns() {
    change(NormalThreadSchedulePolicy::Other, NormalThreadSchedulePolicy::Batch);
}

/// This thread interrupts those that wait for their turns: its packets leave at their time.
pub(super) fn interrupt() {
    change(NormalThreadSchedulePolicy::Batch, NormalThreadSchedulePolicy::Other);
}

/// Whoever gave the daemon another precedence, real time for instance, knows why. A system that refuses leaves all threads
/// alike, which costs CPU and harms nobody.
fn change(from: NormalThreadSchedulePolicy, to: NormalThreadSchedulePolicy) {
    let (from, to) = (ThreadSchedulePolicy::Normal(from), ThreadSchedulePolicy::Normal(to));
    if thread_schedule_policy().is_ok_and(|present| present == from)
        && let Some(priority) = niceness().and_then(|niceness| priority_of(niceness, to))
    {
        let _ = set_thread_priority_and_policy(thread_native_id(), priority, to);
    }
}

/// What an operator gave, from -20 to 19, which stays.
fn niceness() -> Option<i32> {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(NICENESS)?.parse().ok()
}

/// The priority by which the library means a niceness.
fn priority_of(niceness: i32, policy: ThreadSchedulePolicy) -> Option<ThreadPriority> {
    (0..=99)
        .filter_map(|priority: u8| ThreadPriority::try_from(priority).ok())
        .find(|priority| priority.to_posix(policy).is_ok_and(|own| own == niceness))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> ThreadSchedulePolicy {
        thread_schedule_policy().unwrap()
    }

    #[test]
    fn threads_wait_for_their_turns_as_the_one_that_begins_them_and_the_media_interrupt() {
        let beginner = std::thread::spawn(|| {
            let before = niceness();
            wait_for_turns();
            let begun = std::thread::spawn(|| {
                let inherited = policy();
                interrupt();
                (inherited, policy(), niceness())
            });
            (before, policy(), begun.join().unwrap())
        });
        let (before, own, (inherited, media, after)) = beginner.join().unwrap();
        let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
        assert_eq!((own, inherited), (batch, batch));
        assert_eq!(media, ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other));
        assert!(before.is_some());
        assert_eq!(after, before);
    }

    #[test]
    fn every_niceness_has_its_priority() {
        let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
        for niceness in -20..=19 {
            let priority = priority_of(niceness, batch).unwrap();
            assert_eq!(priority.to_posix(batch), Ok(niceness));
        }
        assert_eq!(priority_of(20, batch), None);
    }

    #[test]
    fn whoever_interrupts_already_goes_on() {
        let thread = std::thread::spawn(|| {
            let before = policy();
            interrupt();
            (before, policy())
        });
        let (before, after) = thread.join().unwrap();
        assert_eq!(before, after);
    }
}
