//! Targets.

use super::*;
