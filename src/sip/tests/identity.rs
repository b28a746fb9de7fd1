//! How calls present the caller.

use super::*;
