/** Prefect's own revisions, which `alembic_version` names: in order, each under the release by which it was there. */
import { PREFECT_VERSION } from '../../version.ts';
import type { ChainName } from '../chain/revisions.ts';

/** Only the first releases of minor versions were looked at, and the one that this server is. */
const REVISIONS: Record<ChainName, readonly (readonly [release: string, ids: string])[]> = {
  sqlite: [
    [
      '2.20.0',
      '9725c1cbee35 619bea85701a 7c91cb86dc4e 28ae48128c75 4c4a6a138053 e1ff4973a9eb f327e877e423 ' +
        'c8ff35f94028 71a57ec351d1 7f5f335cace3 db6bde582447 fd966d4ad99c b75d279ba985 888a0bb0df7b ' +
        '33439667aeea e73c6f1fe752 d76326ed0d06 f65b6ad0b869 84892301571a 2d900af9cd07 9e2a1c08c6f1 ' +
        'a205b458d997 dff8da7a6c2c 42762c37b7bc 3bd87ecdac38 e2dae764a603 061c7e518b40 638cbcc2a158 ' +
        '56be24fdb383 628a873f0d1a 2fe8ef6a6514 f335f9633eec 88c2112b668f 905134444e17 24bb2e4a195c ' +
        '53c19b31aa09 296e2665785f 575634b7acd4 e757138e954a 22b7cb02e593 ad4b1b4d1e9d fa319f214160 ' +
        '3ced59d8806b af52717cf201 a0284438370e 4f90ad6349bd 7201de756d85 fe77ad0dda06 bb38729c471a ' +
        'f92143d30c24 f92143d30c25 f92143d30c26 f92143d30c27 b9bda9f142f1 1678f2fb8b33 bfe42b7090d6 ' +
        '8d148e44e669 f3df94dca3cc cf1159bd0d3c 1d7441c031d0 b9aafc3ab936 422f8ba9541d 553920ec20e9 ' +
        '3e1eb8281d5e 340f457b315f 3d46e23593d6 2dbcec43c857 5b0bd3b41a23 c2d001b7dd06 ef674d598dd3 ' +
        '8167af8df781 05ea6f882b1d f3165ae0a213 cef24af2ec34 22ef3915ccd8 9c493c02ca6d a299308852a7 ' +
        '35659cc49969 c63a0a6dc787 265eb1a2da4c 342220764f0b bacc60edce16 07ed05dfd4ec 8644a9595a08 ' +
        'cc510aec4689 2b6c2b548f95 824e9edafa60 75c8f17b8b51 a8e62d4c72cf 20fbd53b3cef',
    ],
    ['3.0.0', '2ac65f1758c2 354f1ede7e9f f93e1439f022'],
    ['3.1.0', '7d6350aea855 4ad4658cbefe'],
    ['3.2.0', '5952a5498b51 a49711513ad4 67f886da208e 07ecde74d74d'],
    ['3.3.0', '3457c6ca2360 bbca16f6f218'],
    ['3.4.0', '7655f31c5157'],
    ['3.5.0', '3c841a1800a1 bb2345678901 8bb517bae6f9 9e83011d1f2a'],
    ['3.7.0', 'a1b2c3d4e5f7 4dfa692e02a7 2095de406cbe'],
    ['3.8.0', '79e7a60e43d8 14806cb26270'],
    ['3.8.8', 'f416ea180ae1 a3b9c7d2e5f1'],
  ],
  pg: [
    [
      '2.20.0',
      '25f4b90a7a42 5f376def75c3 5bff7878e700 679e695af6ba d9d98a9ebb6f 4799f657a6a1 d115556a8ab6 ' +
        'b68b3cad6b8a 2e7e1428ffce 605ebb4e9155 14dc68cc5853 d38c5e6a9115 1c9390e2f9c6 dc7a3c6fd3e9 ' +
        '724e6dcc6b5d 2fe6fe6ca16e cdcb4018dd0e 77ebcc9cf355 3a7c41d3b464 61c76ee09e02 d335ad57d5ba ' +
        '29ad9bef6147 7296741dff68 2f46fc3f3beb 813ddf14e2de 4cdc2ba709a4 e905fd199258 112c68143fc3 ' +
        '0f27d462bf6d bb4dc90d3e29 0cf7311d6ea6 e085c9cbf8ce 4ff2f2bf81f4 add97ce1937d fa985d474982 ' +
        '97e212ea6545 7737221bf8a4 60e428f92a75 77eb737fc759 2d5e000696f1 22b7cb02e593 ad4b1b4d1e9d ' +
        '6d548701edef 3ced59d8806b 8ea825da948d 41e5ed9e1034 54c1876c68ae 8caf7c1fd82c 5d526270ddb4 ' +
        '5e4f924ff96c f7587d6c5776 d481d5058a19 9326a6aee18b 2882cd2df463 2882cd2df464 2882cd2df465 ' +
        '2882cd2df466 0a1250a5aa25 f98ae6d8e2cc 2a88656f4a23 cfdfec5d7557 7d918a392297 4a1a0e4f89de ' +
        'aa84ac237ce8 d20618ce678e 46bd82c6279a 3bf47e3ce2dd 6a1eb3d442e4 43c94d4c7aa3 310dda75f561 ' +
        '15f5083c16bd 5f623ddbf7fe 50f8c182c3ca db0eb3973a54 4e9a6f93eb6c 05ea6f882b1d bfe653bbf62e ' +
        'cef24af2ec34 9c493c02ca6d 733ca1903976 7c453555d3a5 6b63c51c31b4 8cf4d4933848 121699507574 ' +
        '7a653837d9ba aeea5ee6f070 bd6efa529f03 916718e8330f 954db7517015 15768c2ec702 7ae9e431e67a ' +
        '8905262ec07f b23c83a12cb4',
    ],
    ['3.0.0', '94622c1663e8 7495a5013e7e 97429116795e'],
    ['3.1.0', '555ed31b284d eaec5004771f'],
    ['3.2.0', '68a44144428d 5d03c01be85e c163acd7e8e3 a03d00b8e275'],
    ['3.3.0', 'b5f5644500d2 06b7c293bc69'],
    ['3.4.0', '7a73514ca2d6 4160a4841eed'],
    ['3.5.0', '1c9bb7f78263 aa1234567890 3b86c5ea017a 9e83011d1f2a'],
    ['3.7.0', 'a1b2c3d4e5f6 09a9e091e578 7218aad17905'],
    ['3.8.0', 'bad1e352c597 50737cdaee36'],
    ['3.8.8', '9e9dadc36797 c8d5f2a71b3e d4a7e1c93f52'],
  ],
};

const idsOf = (ids: string): string[] => ids.split(' ');

/** All of them, from the first one to the head. */
export const prefectRevisions = (chain: ChainName): string[] =>
  REVISIONS[chain].flatMap(([, ids]) => idsOf(ids));

/** Where a database is that PREFECT_VERSION made. */
export const prefectHead = (chain: ChainName): string => prefectRevisions(chain).at(-1)!;

/** Which releases leave a database at a revision, in words; null for one that PREFECT_VERSION doesn't have. */
export function releaseOf(chain: ChainName, revision: string): string | null {
  const releases = REVISIONS[chain];
  const at = releases.findIndex(([, ids]) => ids.includes(revision));
  if (at < 0) return null;
  const [release, ids] = releases[at]!;
  if (idsOf(ids).at(-1) !== revision) {
    const earlier = releases[at - 1]?.[0];
    return earlier ? `later than ${earlier}, before ${release}` : `before ${release}`;
  }
  const next = releases[at + 1]?.[0];
  return next ? `${release} or later, before ${next}` : PREFECT_VERSION;
}
