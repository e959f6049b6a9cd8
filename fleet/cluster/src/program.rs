use crate::ClusterError;
use std::future::Future;
use std::process::ExitCode;

/// Plans nest deeply, and planning recurses: threads get the stack that Ballista's own
/// programs give them.
const STACK_BYTES: usize = 32 << 20;

/// Runs `work` on all cores. An error goes to standard error, and the program ends with 2.
pub fn program(
    name: &str,
    work: impl Future<Output = Result<(), ClusterError>> + Send + 'static,
) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build();
    let ended = match runtime {
        Ok(runtime) => match runtime.block_on(runtime.spawn(work)) {
            Ok(ended) => ended.map_err(|error| error.to_string()),
            Err(panicked) => Err(panicked.to_string()),
        },
        Err(error) => Err(format!("no threads: {error}")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::from(2)
        }
    }
}

/// Waits for SIGINT or, on Unix, SIGTERM.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
