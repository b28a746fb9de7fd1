//! The judge, rule by rule: a clean night passes, and one planted breach is found, exactly that one.

mod breaches;
mod logs;
mod night;
mod starving;
mod unproved;
