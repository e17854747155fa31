import { expect, test } from 'vitest';
import { NameError, projectNames } from '../../src/init/names.ts';
import { projectFiles } from '../../src/init/project.ts';

test('kind, singular and plural follow from the name of the operator', () => {
  expect(projectNames('guestbook-operator')).toEqual({
    operator: 'guestbook-operator',
    group: 'example.com',
    kind: 'Guestbook',
    singular: 'guestbook',
    plural: 'guestbooks',
  });
  expect(projectNames('network-policy-operator')).toMatchObject({ kind: 'NetworkPolicy', plural: 'networkpolicies' });
  expect(projectNames('a2-b')).toMatchObject({ kind: 'A2B' });
  expect(projectNames('x', { kind: 'Mouse', group: 'zoo.dev' })).toMatchObject({ plural: 'mouses', group: 'zoo.dev' });
});

test.each([
  ['Upper', {}],
  ['-x', {}],
  ['x-', {}],
  ['a/b', {}],
  ['yes', {}],
  ['a'.repeat(51), {}],
  ['x', { kind: 'lower' }],
  ['x', { kind: 'No' }],
  ['x', { kind: 'A-B' }],
  ['x', { group: 'nodots' }],
  ['x', { group: 'a..b' }],
])('the names %s %o are rejected', (name, given) => {
  expect(() => projectNames(name, given)).toThrow(NameError);
});

test('no name of the template is left in a project', async () => {
  const files = await projectFiles(projectNames('mouse-operator', { group: 'zoo.dev' }));
  expect(Object.keys(files)).toContain('.gitignore');
  expect(Object.keys(files)).not.toContain('gitignore');
  expect(Object.values(files).join('\n')).not.toMatch(/widget|example\.com/i);
  expect(files['src/resource.ts']).toContain("group: 'zoo.dev'");
  expect(files['kustomize/base/crd.yaml']).toContain('name: mouses.zoo.dev');
});

test('every version in a project is one that the package is tested with', async () => {
  const { 'package.json': text = '' } = await projectFiles(projectNames('mouse-operator'));
  const { dependencies, devDependencies, overrides } = JSON.parse(text);
  const versions = Object.values({ ...dependencies, ...devDependencies, ...overrides });
  expect(versions).toHaveLength(6);
  expect(versions.filter((version) => !/^\^?\d+\.\d+\.\d+$/.test(version as string))).toEqual([]);
});

test('a kind that its code imports is rejected', async () => {
  await expect(projectFiles(projectNames('x', { kind: 'Operator' }))).rejects.toThrow(
    'the kind Operator clashes with a name the generated code imports; choose another with --kind',
  );
});
