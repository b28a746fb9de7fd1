//! The rig of `scripts/chaos`, small and short: the daemon killed three times while patients answer and press keys.

use std::path::PathBuf;

#[path = "../../benches/chaos/rig/mod.rs"]
#[expect(dead_code, reason = "what only the program chaos needs")]
mod rig;

use rig::{Fault, Work};

#[tokio::test]
async fn three_kills_lose_no_answer_and_ring_nobody_twice() {
    rig::isolate().unwrap();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_aftercall"));
    let work = Work {
        fault: Fault::Kill,
        rounds: Some(3),
        patients: Some(20),
        seed: 7,
        program: program.clone(),
        far_end: program,
        log: "trace".to_owned(),
        keep: false,
        brief: true,
    };
    let verdict = rig::run(&work).await.unwrap();
    let figures = &verdict.figures;
    assert_eq!(
        (
            figures.called_twice,
            figures.orphans,
            figures.answers_lost,
            figures.wavs_broken,
            figures.outside_window,
            figures.judge_broken
        ),
        (0, 0, 0, 0, 0, Some(0)),
        "{verdict:#?}"
    );
    assert!(figures.invites_seen <= figures.attempts, "{verdict:#?}");
}
