//! `kill`: SIGKILL at random moments, and started again at once, while patients answer and press keys.

use std::time::Duration;

use super::Work;
use super::scene::Scene;

/// How long the daemon lives from one kill to the next, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses {
    from: u64,
    to: u64,
    /// One kill in so many comes while it starts.
    early: u64,
}

impl Pauses {
    pub(crate) const fn of(work: &Work) -> Self {
        match work.brief {
            true => Self {
                from: 3_000,
                to: 7_000,
                early: 1_000,
            },
            // Longer than a call as a rule: what is interrupted twice is given up.
            false => Self {
                from: 6_000,
                to: 22_000,
                early: 10,
            },
        }
    }

    /// On the average.
    pub(crate) fn mean_s(self) -> f64 {
        let (from, to) = (self.from as f64, self.to as f64);
        (from + to) / 2_000.0
    }

    /// The next.
    pub(crate) fn draw(self, scene: &mut Scene) -> Duration {
        if scene.chance.below(self.early) == 0 {
            scene.chance.millis(0, 400)
        } else {
            scene.chance.millis(self.from, self.to)
        }
    }
}

pub(crate) async fn carry_out(scene: &mut Scene, work: &Work, rounds: u32) -> anyhow::Result<()> {
    scene.restart().await?;
    scene.begin_campaign().await?;
    let pauses = Pauses::of(work);
    for round in 1..=rounds {
        let pause = pauses.draw(scene);
        scene.pass(pause).await?;
        scene.kill().await?;
        scene
            .progress(&format!("kill {round} of {rounds} after {pause:?}"))
            .await;
        scene.launch()?;
        scene.expect_dialing();
        // The next kill may come while it starts: readiness is not waited for here, but told by the calls.
    }
    scene.wait_until_ready().await?;
    scene.settle(Duration::from_secs(300)).await?;
    scene.progress("settled").await;
    scene.stop().await
}
