// Campaigns: who will be called, with what, when. The list, one campaign, and its text.
import { Route, Routes } from 'react-router';
import { CampaignPage } from './CampaignPage';
import './campaigns.css';
import { Editor } from './Editor';
import { List } from './List';

export default function Campaigns() {
  return (
    <Routes>
      <Route index element={<List />} />
      <Route path="new" element={<Editor />} />
      <Route path=":id" element={<CampaignPage />} />
      <Route path=":id/text" element={<Editor />} />
    </Routes>
  );
}
