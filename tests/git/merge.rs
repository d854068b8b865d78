//! Mechanical merges, held against `git merge`.
