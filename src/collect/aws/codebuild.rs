//! Projects of CodeBuild and the roles they build with. What they build, and with which variables, is not kept.

use std::sync::Arc;

use aws_sdk_codebuild::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{tags, time, word};
use super::failure::Failure;
use crate::model::attr::Attr;
use crate::model::codebuild::Project;

/// As many as one call takes.
const BATCH: usize = 100;

pub(super) async fn projects(cell: Arc<Cell>) -> Result<(), Failure> {
    let mut names = Vec::new();
    let request = cell.clients.codebuild().list_projects();
    let listed =
        pages!(cell, "codebuild:ListProjects", request, set_next_token, next_token, |page| {
            names.extend(page.projects.unwrap_or_default());
        });
    for batch in names.chunks(BATCH) {
        let request = cell.clients.codebuild().batch_get_projects();
        let request = request.set_names(Some(batch.to_vec()));
        let answer = cell.call("codebuild:BatchGetProjects", request.send()).await?;
        for item in answer.projects.unwrap_or_default() {
            project(&cell, item).await;
        }
    }
    listed
}

async fn project(cell: &Cell, item: sdk::Project) {
    let Some(name) = item.name else { return };
    let data = Project {
        service_role: item.service_role.filter(|role| !role.is_empty()).into(),
        batch_service_role: item.build_batch_config.and_then(|batch| batch.service_role).into(),
        source_type: item.source.map(|source| source.r#type.as_str().to_owned()).into(),
        project_visibility: word!(item.project_visibility),
        created: time(item.created),
        last_modified: time(item.last_modified),
    };
    let meta = cell.meta(name.clone(), item.arn, Some(&name), Attr::Known(tags!(item.tags)));
    cell.emit(meta, data).await;
}
