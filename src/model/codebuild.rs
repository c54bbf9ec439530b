//! Projects of CodeBuild.

use crate::clock::Time;

model! {
    /// A project, which builds with a role (`codebuild:BatchGetProjects`). Build specifications and environment
    /// variables are never kept.
    pub struct Project {
        /// The ARN of the role that builds run with.
        service_role: Option<String>,
        /// The ARN of the role that starts the builds of a batch; absent where batches are not set up.
        batch_service_role: Option<String>,
        /// Where the source is kept, such as `GITHUB`.
        source_type: Option<String>,
        /// Whether everybody can see its builds.
        project_visibility: Option<String> = ["PUBLIC_READ", "PRIVATE"],
        /// When it was created.
        created: Option<Time>,
        /// When it was last changed.
        last_modified: Option<Time>,
    }
}
