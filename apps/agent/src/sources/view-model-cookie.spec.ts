import { describe, expect, it } from '@jest/globals';
import { readCookie } from './view-model-cookie.js';

describe('a cookie for a view model', () => {
  it.each([
    ['Viewmodel=Alarm&RootId=7', 'Alarm', '7'],
    ['ViewModel=Alarm&RootId=7', 'Alarm', '7'],
    ['rootid=7&VIEWMODEL=Alarm', 'Alarm', '7'],
    ['Viewmodel=Alarm&RootId=42!17', 'Alarm', '42!17'],
    ['Viewmodel=A%20b+c&RootId=%26', 'A%20b+c', '%26'],
    ['Viewmodel=A=b&RootId==', 'A=b', '='],
    ['other=1&Viewmodel=Alarm&flag&RootId=7', 'Alarm', '7'],
  ])('%s names its keys in any case and its values as they stand', (cookie, viewModel, rootId) => {
    expect(readCookie(cookie)).toEqual({ viewModel, rootId });
  });

  it.each([
    ['', 'ViewModel'],
    ['whatever', 'ViewModel'],
    ['RootId=7', 'ViewModel'],
    ['Viewmodel=&RootId=7', 'ViewModel'],
    ['Viewmodel=Alarm', 'RootId'],
    ['Viewmodel=Alarm&RootId=', 'RootId'],
    ['Viewmodel=a&viewmodel=b&RootId=7', 'twice'],
    ['Viewmodel=a&RootId=7&ROOTID=8', 'twice'],
  ])('%j says in words what it lacks', (cookie, what) => {
    expect(readCookie(cookie)).toEqual({ flaw: expect.stringContaining(what) });
  });
});
