import { App as AntApp, ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import type { ComponentType, ReactNode } from 'react'
import { BrowserRouter, Link, Navigate, Route, Routes, useOutletContext, useParams } from 'react-router'
import { Speaking, useSpeech } from './i18n/language'
import { useExams } from './office/exams'
import type { Deed } from './office/roles'
import { AuditPage } from './pages/audit'
import { CandidatePage } from './pages/candidate/candidate'
import { CandidatesPage } from './pages/candidates'
import { InspectionsPage } from './pages/inspections'
import { NumbersPage } from './pages/numbers'
import { PasswordPage } from './pages/password'
import { PhotosPage } from './pages/photos'
import { RosterPage } from './pages/roster/roster'
import { NewSessionPage, SessionPage } from './pages/sessions/settings'
import { SessionsPage } from './pages/sessions/sessions'
import { SignInPage } from './pages/sign-in'
import { StaffPage } from './pages/staff'
import { useMay, useSession } from './session/use-session'
import { Page, Whole } from './ui/parts'
import { Shell } from './ui/shell'

// Every colour of words on their ground reaches 4.5 to 1.
const token = {
  colorPrimary: '#17498c',
  colorInfo: '#17498c',
  colorLink: '#17498c',
  colorSuccess: '#1d6b35',
  colorWarning: '#8a5300',
  colorError: '#b3261e',
  colorPrimaryBg: '#e9eff8',
  colorInfoBg: '#edf3fb',
  colorInfoBorder: '#b5cbe8',
  colorSuccessBg: '#ebf6ee',
  colorSuccessBorder: '#a9d3b6',
  colorWarningBg: '#fdf4e3',
  colorWarningBorder: '#e6c88f',
  colorErrorBg: '#fdeeed',
  colorErrorBorder: '#ecb1ad',
  controlItemBgActive: '#dbe6f5',
  colorText: '#1f2328',
  colorTextSecondary: '#4a5260',
  colorTextTertiary: '#596170',
  colorTextDescription: '#596170',
  colorTextPlaceholder: '#626b79',
  colorBgLayout: '#f3f4f6',
  borderRadius: 3,
  motion: false,
  fontFamily: '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif',
}

function Home() {
  const { t } = useSpeech()
  const exams = useExams()
  const chosen = useOutletContext<string | null>()
  if (chosen) return <Navigate to={`/exams/${encodeURIComponent(chosen)}/candidates`} replace />
  return (
    <Page title={t.candidates.title}>
      <Whole of={exams}>{() => <p className="empty">{t.candidates.noExams}</p>}</Whole>
    </Page>
  )
}

function Nowhere({ text }: { text: string }) {
  const { t } = useSpeech()
  return (
    <Page title={text}>
      <Link to="/">{t.common.home}</Link>
    </Page>
  )
}

/** A page for those who may; the server refuses the others too. */
function For({ deed, children }: { deed: Deed; children: ReactNode }) {
  const { t } = useSpeech()
  return useMay()(deed) ? children : <Nowhere text={t.common.notAllowed} />
}

/** Another candidate is another page: nothing of the one before stays. */
function Candidate() {
  const { exam = '', registration = '' } = useParams()
  return <CandidatePage key={`${exam}/${registration}`} exam={exam} registration={registration} />
}

/** A page of an exam session; another session is another page. */
function Of({ page: One }: { page: ComponentType<{ exam: string }> }) {
  const { exam = '' } = useParams()
  return <One key={exam} exam={exam} />
}

function Pages() {
  const { t } = useSpeech()
  const session = useSession()
  if (!session) return <SignInPage />
  return (
    <Routes>
      <Route element={<Shell of={session} />}>
        <Route index element={<Home />} />
        <Route path="exams/:exam/candidates" element={<Of page={CandidatesPage} />} />
        <Route path="exams/:exam/candidates/:registration" element={<Candidate />} />
        <Route path="exams/:exam/inspections" element={<For deed="review_photo"><Of page={InspectionsPage} /></For>} />
        <Route path="exams/:exam/roster" element={<For deed="import_roster"><Of page={RosterPage} /></For>} />
        <Route path="exams/:exam/numbers" element={<For deed="see_numbers"><Of page={NumbersPage} /></For>} />
        <Route path="exams/:exam/photos" element={<For deed="export_photos"><Of page={PhotosPage} /></For>} />
        <Route path="sessions" element={<SessionsPage />} />
        <Route path="sessions/new" element={<For deed="set_exam"><NewSessionPage /></For>} />
        <Route path="sessions/:exam/settings" element={<Of page={SessionPage} />} />
        <Route path="staff" element={<For deed="see_staff"><StaffPage /></For>} />
        <Route path="audit" element={<For deed="see_audit"><AuditPage /></For>} />
        <Route path="password" element={<PasswordPage />} />
        <Route path="*" element={<Nowhere text={t.common.notThere} />} />
      </Route>
    </Routes>
  )
}

function Dressed() {
  const { language } = useSpeech()
  return (
    <ConfigProvider locale={language === 'zh' ? zhCN : enUS} theme={{ token }} button={{ autoInsertSpace: false }}>
      <AntApp>
        <BrowserRouter basename="/console">
          <Pages />
        </BrowserRouter>
      </AntApp>
    </ConfigProvider>
  )
}

export const App = () => (
  <Speaking>
    <Dressed />
  </Speaking>
)
