import {
  createArtifact,
  deleteArtifact,
  readArtifact,
  readLatestArtifact,
  updateArtifact,
} from '../../entities/artifact.ts';
import {
  countArtifacts,
  countLatestArtifacts,
  findArtifacts,
  findLatestArtifacts,
} from '../../entities/artifact-query.ts';
import { detail } from '../../errors.ts';
import { int, list } from '../kinds/index.ts';
import { limitOf } from '../paging.ts';
import { createdOrExisting, defineRoute } from '../route.ts';
import {
  Artifact,
  ArtifactCollection,
  ArtifactCreate,
  ArtifactsCountBody,
  ArtifactsFilterBody,
  ArtifactsLatestCountBody,
  ArtifactsLatestFilterBody,
  ArtifactUpdate,
} from '../schemas/artifacts.ts';

const tag = 'Artifacts';

const notFound = () => detail(404, 'Artifact not found.');

export const artifactRoutes = [
  defineRoute({
    method: 'post',
    path: '/artifacts/',
    summary: 'Create Artifact',
    tag,
    body: ArtifactCreate,
    response: Artifact,
    handler: async ({ body }, context) => createdOrExisting(await createArtifact(context.db, body), context),
  }),
  defineRoute({
    method: 'get',
    path: '/artifacts/{id:uuid}',
    summary: 'Read Artifact',
    tag,
    response: Artifact,
    handler: async ({ params }, { db }) => {
      const artifact = await readArtifact(db, params.id!);
      if (!artifact) throw notFound();
      return artifact;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/artifacts/{key}/latest',
    summary: 'Read Latest Artifact',
    tag,
    response: Artifact,
    handler: async ({ params }, { db }) => {
      const artifact = await readLatestArtifact(db, params.key!);
      if (!artifact) throw notFound();
      return artifact;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/artifacts/filter',
    summary: 'Read Artifacts',
    tag,
    body: ArtifactsFilterBody,
    response: list(Artifact),
    handler: ({ body }, context) =>
      findArtifacts(context.db, body, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'post',
    path: '/artifacts/latest/filter',
    summary: 'Read Latest Artifacts',
    tag,
    body: ArtifactsLatestFilterBody,
    response: list(ArtifactCollection),
    handler: ({ body }, context) =>
      findLatestArtifacts(context.db, body, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'post',
    path: '/artifacts/count',
    summary: 'Count Artifacts',
    tag,
    body: ArtifactsCountBody,
    response: int(),
    handler: ({ body }, { db }) => countArtifacts(db, body),
  }),
  defineRoute({
    method: 'post',
    path: '/artifacts/latest/count',
    summary: 'Count Latest Artifacts',
    tag,
    body: ArtifactsLatestCountBody,
    response: int(),
    handler: ({ body }, { db }) => countLatestArtifacts(db, body),
  }),
  defineRoute({
    method: 'patch',
    path: '/artifacts/{id:uuid}',
    summary: 'Update Artifact',
    tag,
    body: ArtifactUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (!(await updateArtifact(db, params.id!, body))) throw notFound();
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/artifacts/{id:uuid}',
    summary: 'Delete Artifact',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteArtifact(db, params.id!))) throw notFound();
    },
  }),
];
