//! Forecasts: calls that end as they are meant to, nights that keep every rule, and traces that every module leaves its mark on.

mod calls;
mod house;
mod nights;
mod traces;
