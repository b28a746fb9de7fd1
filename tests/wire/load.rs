//! The bench of benches/load, small and short: what it counts, and nothing of what it times.

use std::path::PathBuf;
use std::time::Duration;

use crate::house::within;

#[path = "../../benches/load/rig/mod.rs"]
mod rig;

use rig::{Figures, Recorded, Work};

fn work(record: Recorded) -> Work {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_aftercall"));
    Work {
        calls: 5,
        rounds: 1,
        prompts: [600, 600, 400].map(Duration::from_millis),
        call_takes: Duration::from_millis(3_000),
        record,
        program: program.clone(),
        far_end: program,
    }
}

fn assert_right(figures: &Figures) {
    println!("{}\n{}\n{}", rig::machine(), Figures::head(), figures.row(None));
    assert_eq!(figures.faults().collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(
        (figures.calls, figures.keys_right, figures.lost, figures.more.unfinished),
        (5, 1.0, 0.0, 0)
    );
    let line: serde_json::Value = serde_json::from_str(&figures.json(None)).unwrap();
    let names: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "calls",
        "cpu_ms_per_call_s",
        "keys_right",
        "late_p99_ms",
        "lost",
        "rss_kb_per_call",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn five_calls_of_the_bench_keep_every_key_and_packet() {
    assert_right(&within(rig::run(&work(Recorded::Yes))).await.unwrap());
}

#[tokio::test]
async fn the_bench_measures_a_daemon_that_does_not_record() {
    assert_right(&within(rig::run(&work(Recorded::No))).await.unwrap());
}
