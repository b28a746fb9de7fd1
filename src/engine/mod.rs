//! The shell around the calls: clock, prompts, media workers, recorder.

pub mod catalogue;
pub mod clock;
pub mod recorder;
pub mod workers;

#[cfg(test)]
mod scratch;
