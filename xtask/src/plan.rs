//! A list of steps, each of which says its position when it begins and its time when it ends. What is already there is
//! not put on the list.

use std::time::Instant;

use anyhow::{Context, Result};

/// Steps to be done in their order.
#[derive(Default)]
pub(crate) struct Plan<'a> {
    steps: Vec<(String, Work<'a>)>,
}

impl<'a> Plan<'a> {
    /// Appends a step.
    pub(crate) fn add(&mut self, title: impl Into<String>, work: impl FnOnce() -> Result<()> + 'a) {
        self.steps.push((title.into(), Box::new(work)));
    }

    /// Performs the steps up to the first that fails.
    pub(crate) fn perform(self) -> Result<()> {
        let total = self.steps.len();
        for (index, (title, work)) in self.steps.into_iter().enumerate() {
            let position = format!("[{}/{total}]", index + 1);
            println!("{position} {title}");
            let begin = Instant::now();
            work().with_context(|| format!("{position} {title}"))?;
            println!("{position} took {:.1} s", begin.elapsed().as_secs_f32());
        }
        Ok(())
    }
}

type Work<'a> = Box<dyn FnOnce() -> Result<()> + 'a>;
